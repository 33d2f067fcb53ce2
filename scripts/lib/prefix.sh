# shellcheck shell=bash
# Where install and uninstall work. Needs common.sh. Sourced, never run.

# Where the files will be found, and where they are put: below `root`, which is empty but for staging.
prefix='' root='' target=''
# Set for the runner that is for everybody.
system=''
# What belongs to it outside of the prefix; used by whoever sources this.
# shellcheck disable=SC2034
{
    unit=/etc/systemd/system/phjob.service
    configuration=/etc/phjob/config.json
    state=/var/lib/phjob
    runtime=/run/phjob
    admin_group=phjob-admin
}
# The file under the prefix that tells an installation of that kind from others.
system_example=share/phjob/config.system.example.json

# parse_places ARGUMENTS…: sets them. An option that is not known is given to the function `own_option`, which a script may
# replace.
own_option() { false; }
parse_places() {
    while [[ $# -gt 0 ]]; do
        case $1 in
        --prefix | --root) [[ $# -ge 2 ]] || usage_error "$1 needs a value"; printf -v "${1#--}" %s "$2"; shift ;;
        --prefix=*) prefix=${1#*=} ;;
        --root=*) root=${1#*=} ;;
        --system) system=yes ;;
        --help | -h) print_help; exit ;;
        *) own_option "$1" || usage_error "unexpected argument: $1" ;;
        esac
        shift
    done
    if [[ -z $prefix ]]; then
        if [[ $EUID -eq 0 || -n $system ]]; then prefix=/usr/local; else prefix=$HOME/.local; fi
    fi
    [[ -z $root ]] || root=$(realpath --canonicalize-missing -- "$root")
    [[ $root != / ]] || root=''
    prefix=$(realpath --canonicalize-missing -- "$prefix")
    target=$root$prefix
    if [[ -n $system && $EUID -ne 0 && -z $root ]]; then
        die "--system needs root: it is about a service for everybody" "run it again with sudo"
    fi
}

# in_prefix COMMAND…: as the caller where they may write there, else as root.
in_prefix() {
    local directory=$target
    while [[ ! -e $directory ]]; do directory=$(dirname -- "$directory"); done
    if [[ -w $directory ]]; then "$@"; else as_root "$@"; fi
}

# was_for_everybody: what is installed under the prefix is of that kind.
was_for_everybody() { grep -qxF -- "$system_example" "$target/share/phjob/installed" 2>/dev/null; }

# systemd_runs: it looks after this machine (sd_booted(3)), and after the one that is installed to.
systemd_runs() { [[ -z $root && -d /run/systemd/system ]]; }
