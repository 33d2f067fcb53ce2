# shellcheck shell=bash
# What every script here shares: words for people (on stderr, so that stdout stays data), errors that say what to do,
# steps with progress, clean-up, and the installation of missing Debian packages. Sourced, never run.

# The name that messages start with.
program=${0##*/}

if [[ -t 2 && -z ${NO_COLOR:-} ]]; then
    _bold=$'\e[1m' _plain=$'\e[0m'
else
    _bold='' _plain=''
fi

# say WORDS…: what happens now.
say() { printf '%s==>%s %s\n' "$_bold" "$_plain" "$*" >&2; }

# note WORDS…: a detail of what happens now.
note() { printf '    %s\n' "$*" >&2; }

# warn WORDS…: something to know that stops nothing.
warn() { printf '%s: warning: %s\n' "$program" "$*" >&2; }

# fail STATUS WHAT [WHAT-TO-DO…]: one error, with a line for each thing to do, and the end of the script.
fail() {
    local status=$1 hint
    printf '%s: error: %s\n' "$program" "$2" >&2
    shift 2
    for hint; do printf '    %s\n' "$hint" >&2; done
    exit "$status"
}

# die WHAT [WHAT-TO-DO…]: the work failed.
die() { fail 1 "$@"; }

# usage_error WHAT: the caller asked for something that is not there.
usage_error() { fail 64 "$1" "'$program --help' shows what can be asked for"; }

# print_help: the comment at the head of the script is its help, so that the two cannot differ.
print_help() { sed -n '2,/^[^#]/{ s/^# \{0,1\}//; t print; d; :print p }' "$0"; }

# Clean-up: functions run at any end of the script, the last one first. A signal ends the script through the same path.
_at_exit=()
at_exit() { _at_exit+=("$1"); }

_run_at_exit() {
    local status=$? index
    trap - EXIT
    trap '' INT TERM HUP
    set +e
    for ((index = ${#_at_exit[@]} - 1; index >= 0; index--)); do
        # A clean-up may turn a success into a failure (left-overs found), never a failure into a success.
        "${_at_exit[index]}" "$status" || { [[ $status -ne 0 ]] || status=1; }
    done
    exit "$status"
}
trap _run_at_exit EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# make_scratch: sets `scratch` to a directory that is gone when the script ends.
scratch=''
make_scratch() {
    [[ -z $scratch ]] || return 0
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/phjob-$program.XXXXXX")
    at_exit _remove_scratch
}
_remove_scratch() { rm -rf -- "$scratch"; }

# step WORDS COMMAND…: runs a long command, its output put aside. Says every 15 seconds that it still works, and at a
# failure shows the end of the output. The command runs in the foreground, so that Ctrl-C reaches it.
step() {
    local words=$1 start=$SECONDS status=0 log heartbeat
    shift
    make_scratch
    log=$(mktemp "$scratch/step.XXXXXX")
    say "$words"
    _heartbeat "$start" </dev/null >/dev/null 9>&- &
    heartbeat=$!
    "$@" </dev/null >"$log" 2>&1 || status=$?
    kill "$heartbeat" 2>/dev/null || true
    wait "$heartbeat" 2>/dev/null || true
    if [[ $status -ne 0 ]]; then
        tail -n 30 -- "$log" | sed 's/^/    | /' >&2
        note "$1 failed with status $status"
        return "$status"
    fi
    [[ $((SECONDS - start)) -lt 2 ]] || note "done in $((SECONDS - start)) s"
}

# Lives no longer than its script, keeps no lock of it (descriptor 9), and leaves no sleep behind when it is ended.
_heartbeat() {
    local nap=''
    trap - EXIT INT HUP
    trap 'kill "$nap" 2>/dev/null; exit' TERM
    while kill -0 "$$" 2>/dev/null; do
        sleep 15 &
        nap=$!
        wait "$nap"
        note "… still at it after $((SECONDS - $1)) s"
    done
}

# as_root COMMAND…: as it is for root, through sudo for anybody else.
as_root() {
    if [[ $EUID -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -- "$@"
    else
        die "this needs root, and there is no sudo: $*" "run it as root once, then start $program again"
    fi
}

# package_is_installed NAME
package_is_installed() {
    [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# need_packages WHY NAME…: installs those of the Debian packages that are missing; nothing happens if none is.
need_packages() {
    local why=$1 name missing=()
    shift
    for name; do package_is_installed "$name" || missing+=("$name"); done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    command -v apt-get >/dev/null ||
        die "missing for $why: ${missing[*]}" \
            "this system has no apt-get: install what these Debian packages hold by its own means"
    _want_package_lists
    if ! _install_packages "$why" "${missing[@]}"; then
        note "the package lists may be old: once more with new ones"
        _update_package_lists
        _install_packages "$why" "${missing[@]}" ||
            die "these packages could not be installed: ${missing[*]}" "apt-get's own words are above"
    fi
}

# need_available WHY NAME…: installs those that this release of Debian or Ubuntu has, and does without the others.
need_available() {
    local why=$1 name missing=() available=()
    shift
    for name; do package_is_installed "$name" || missing+=("$name"); done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    _want_package_lists
    for name in "${missing[@]}"; do
        [[ -z $(apt-cache madison "$name" 2>/dev/null) ]] || available+=("$name")
    done
    [[ ${#available[@]} -eq 0 ]] || need_packages "$why" "${available[@]}"
}

# A new machine may have no lists at all, and then apt knows no package.
_want_package_lists() {
    [[ -n $(find /var/lib/apt/lists -maxdepth 1 -name '*Packages*' -mtime -7 -print -quit 2>/dev/null) ]] ||
        _update_package_lists
}

_update_package_lists() {
    step "Reading the lists of Debian packages" as_root apt-get -o DPkg::Lock::Timeout=300 update ||
        warn "the package lists could not all be read; going on with those that are there"
}

_install_packages() {
    local why=$1
    shift
    step "Installing $* ($why)" \
        as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 -- "$@"
}
