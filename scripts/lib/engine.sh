# shellcheck shell=bash
# The container engines and the Swift toolchain: found, installed where missing, and adapted to the host. Needs
# common.sh. Sourced, never run.
#
# Each ensure_… tries what is there first, and changes something only if that fails.

_root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)

# The image that containers are tried with.
probe_image=localhost/phjob/minimal:latest

# What podman needs in its environment on this host, as NAME=VALUE; set by ensure_podman, often empty. Exported too.
podman_environment=()

# answers ENGINE: its client is here and can talk to its storage or daemon.
answers() {
    command -v "$1" >/dev/null && timeout 30 "$1" info >/dev/null 2>&1
}

# working_engine: prints podman if it answers, else docker if that does.
working_engine() {
    if answers podman; then
        echo podman
    elif answers docker; then
        echo docker
    else
        die "neither podman nor docker answers on this machine" "scripts/engines up installs and starts them"
    fi
}

# can_run ENGINE [NAME=VALUE…]: a container starts and ends well, with that environment. Its words go to engine_words.
engine_words=''
can_run() {
    local engine=$1
    shift
    engine_words=$(
        timeout 120 env "$@" "$engine" run --rm --pull=never --network=none \
            --label=phjob.probe=1 "$probe_image" /bin/true 2>&1
    )
}

# Callers ask for the result of these functions, and bash then ignores `set -e` inside them: each step says `|| die`.
_build_probe_image() {
    "$_root/images/build" minimal --engine "$1" --quiet || die "the minimal image could not be built for $1"
}

# ---------------------------------------------------------------------------------------------------------- podman

# ensure_podman: podman runs containers, or the script ends and says why not.
ensure_podman() {
    local words
    if ! command -v podman >/dev/null; then
        # First, so that podman's dependency on any network stack is met by this one, with name resolution between
        # containers. A podman that is here already keeps the stack that it has.
        need_available "podman's network" netavark aardvark-dns iptables
        need_packages "running jobs" podman
    fi
    # --init needs catatonit; without root, podman needs the rest. Those that a release of Debian or Ubuntu does not
    # have are left out: there podman does without.
    need_available "podman's helpers" catatonit
    if [[ $EUID -ne 0 ]]; then
        need_available "podman without root" uidmap slirp4netns passt fuse-overlayfs dbus-user-session
        _require_subordinate_ids
    fi
    answers podman ||
        die "podman is installed, but 'podman info' fails: $(podman info 2>&1 | tail -n 1)" \
            "'podman --log-level=debug info' tells more"
    _build_probe_image podman
    if can_run podman; then return; fi
    words=$engine_words
    _adapt_podman ||
        die "podman cannot start a container: ${words##*$'\n'}" \
            "what was tried besides: lower limits, runc, cgroupfs in $(_podman_configuration)"
    say "podman adapted to this host (${words##*: })"
    note "its settings are in ${podman_environment[*]#*=}"
}

_require_subordinate_ids() {
    local file
    for file in /etc/subuid /etc/subgid; do
        grep -q "^$(id -un):\|^$(id -u):" "$file" 2>/dev/null ||
            die "podman without root needs a range for $(id -un) in $file, and there is none" \
                "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $(id -un)"
    done
}

_podman_configuration() { printf '%s\n' "${XDG_CONFIG_HOME:-$HOME/.config}/phjob/containers.conf"; }

# _adapt_podman: finds the smallest change with which containers start, writes it to a file of our own, and sets
# podman_environment. The user's own configuration of podman stays as it is.
#
# Known hosts that need it: those where nobody may raise a ulimit (podman asks for more than the hard limits by
# default), and those with cgroups of both versions mounted (crun refuses them, runc does not).
_adapt_podman() {
    local file variable change candidate
    file=$(_podman_configuration)
    candidate=$file.$$
    mkdir -p -- "${file%/*}" || return 1
    for change in limits "limits runtime" "limits runtime cgroups"; do
        if [[ $change == *runtime* ]] && ! command -v runc >/dev/null; then
            need_packages "the runtime that works with this host's cgroups" runc
        fi
        # Tried beside the file: runners may be using that at this moment, and what does not work would fail their jobs.
        _podman_settings "$change" >"$candidate" || return 1
        # The first adds to the user's configuration, but older versions do not know it; the second replaces it.
        for variable in CONTAINERS_CONF_OVERRIDE CONTAINERS_CONF; do
            if can_run podman "$variable=$candidate"; then
                mv -- "$candidate" "$file" || return 1
                podman_environment=("$variable=$file")
                export "${podman_environment[@]}"
                return
            fi
        done
    done
    rm -f -- "$candidate"
    return 1
}

_podman_settings() {
    local files processes most
    files=$(ulimit -H -n)
    processes=$(ulimit -H -u)
    most=$(</proc/sys/kernel/pid_max)
    [[ $files != unlimited ]] || files=1048576
    # podman lowers its own limit to pid_max first, and can then give a container no more than that.
    if [[ $processes == unlimited || $processes -gt $most ]]; then processes=$most; fi
    echo "# Written by ${program:-phjob} for phjob; made anew whenever podman does not start containers without it."
    echo '[containers]'
    echo "default_ulimits = [\"nofile=$files:$files\", \"nproc=$processes:$processes\"]"
    [[ $1 != *runtime* ]] || printf '[engine]\nruntime = "runc"\n'
    [[ $1 != *cgroups* ]] || printf 'cgroup_manager = "cgroupfs"\nevents_logger = "file"\n'
}

# ---------------------------------------------------------------------------------------------------------- docker

# Where a daemon that these scripts started keeps its process id and its log.
_dockerd_directory=/run/phjob-dockerd

# Whether this script started it.
docker_started=''

# ensure_docker: a docker daemon answers and runs containers, or the script ends and says why not.
ensure_docker() {
    if ! command -v docker >/dev/null || { ! answers docker && ! _find_dockerd >/dev/null; }; then
        need_packages "running jobs in docker" docker.io
    fi
    if ! answers docker; then
        _explain_forbidden_docker
        if [[ -d /run/systemd/system ]]; then
            step "Starting docker's service" as_root systemctl start docker || die "docker's service does not start" \
                "'journalctl -u docker' has its words"
            _wait_for_docker
        else
            _start_dockerd
        fi
    fi
    _build_probe_image docker
    can_run docker || die "docker answers, but cannot start a container: ${engine_words##*$'\n'}" "'docker info' tells more"
}

# dockerd lies outside an ordinary user's PATH.
_find_dockerd() { PATH=$PATH:/usr/sbin:/usr/local/sbin command -v dockerd; }

_explain_forbidden_docker() {
    local words
    words=$(timeout 30 docker info 2>&1) || true
    [[ $words != *"permission denied"* ]] ||
        die "$(id -un) may not use the docker daemon that runs here" \
            "sudo usermod --append --groups docker $(id -un)   # then log in again; its members can become root" \
            "or use podman, which needs no such right"
}

_wait_for_docker() {
    local tries
    for ((tries = 0; tries < 60; tries++)); do
        if answers docker; then return; fi
        # A daemon that gave up: waiting on would only hide why.
        if [[ -n $docker_started && $tries -ge 3 ]] && ! _dockerd_of_ours >/dev/null; then break; fi
        sleep 1
    done
    _explain_forbidden_docker
    [[ -z $docker_started ]] ||
        die "dockerd does not come up: $(as_root tail -n 1 "$_dockerd_directory/log" 2>/dev/null)" \
            "more of its words are in $_dockerd_directory/log"
    die "docker's daemon does not answer" "'systemctl status docker' tells why"
}

# _start_dockerd: where no service manager is there to do it. Plain options: a daemon with --bridge=none would take away
# the network bridge of the host's own.
_start_dockerd() {
    local daemon
    daemon=$(_find_dockerd) || die "there is no dockerd to start" "install docker's daemon, or use podman"
    say "Starting dockerd by hand (no systemd here)"
    note "its log is $_dockerd_directory/log"
    as_root mkdir -p -m 0755 "$_dockerd_directory" || die "cannot make $_dockerd_directory"
    docker_started=yes
    # In a session of its own, so that neither Ctrl-C nor the end of this shell ends it; --group lets this user in.
    # Without descriptor 9, which may be a lock.
    # shellcheck disable=SC2016  # expanded by the shell that is root
    as_root setsid --fork sh -c 'exec "$1" --pidfile "$2/pid" --group "$3" >"$2/log" 2>&1 </dev/null 9>&-' \
        sh "$daemon" "$_dockerd_directory" "$(id -gn)"
    _wait_for_docker
}

# stop_started_docker: ends the daemon if this script started it; leaves any other alone.
stop_started_docker() { [[ -z $docker_started ]] || stop_dockerd_of_ours; }

# stop_dockerd_of_ours: ends the daemon that one of these scripts started by hand, if there is one.
stop_dockerd_of_ours() {
    local pid tries
    pid=$(_dockerd_of_ours) || return 0
    docker_started=''
    as_root kill -TERM "$pid" || return 0
    for ((tries = 0; tries < 60; tries++)); do
        _dockerd_of_ours >/dev/null || return 0
        sleep 0.5
    done
    warn "dockerd ($pid) has not ended within 30 s; it is left alone"
}

# _dockerd_of_ours: prints the process id of that daemon; fails if it does not live.
_dockerd_of_ours() {
    local pid program_file daemon
    pid=$(as_root cat "$_dockerd_directory/pid" 2>/dev/null) && [[ $pid =~ ^[0-9]+$ ]] || return 1
    # The program's file guards against a number that has gone to another process, which may call itself as it likes. A
    # zombie has ended: where the first process reaps none, it stays listed for ever.
    program_file=$(as_root readlink "/proc/$pid/exe") || return 1
    daemon=$(_find_dockerd) && daemon=$(realpath -- "$daemon") || return 1
    # One that was upgraded meanwhile is marked as deleted.
    [[ ${program_file% (deleted)} == "$daemon" && $(_process_state "$pid") == [!Z] ]] || return 1
    printf '%s\n' "$pid"
}

_process_state() { sed -n 's/^State:\s*\(.\).*/\1/p' "/proc/$1/status" 2>/dev/null; }

# ----------------------------------------------------------------------------------------------------------- swift

# ensure_swift: `swift` is on PATH, starts, and can link; or the script ends and says what to do.
ensure_swift() {
    local directory version
    if ! command -v swift >/dev/null; then
        for directory in "${SWIFTLY_BIN_DIR:-$HOME/.local/share/swiftly/bin}" /opt/swift*/usr/bin /usr/libexec/swift/*/usr/bin; do
            [[ ! -x $directory/swift ]] || { PATH=$directory:$PATH; break; }
        done
    fi
    command -v swift >/dev/null ||
        die "no Swift toolchain is on this machine, and it is not in Debian's packages in the version needed (6.3)" \
            "get one from swift.org (the tool swiftly, or an archive unpacked to /opt/swift), put its usr/bin on PATH," \
            "and start $program again"
    # The toolchain's linker takes the C and C++ libraries from the host; SwiftPM calls git.
    need_packages "linking Swift programs" libc6-dev g++ git
    if ! swift build --version >/dev/null 2>&1; then
        # Shared libraries that a toolchain from an archive does not bring; their names differ between releases.
        need_available "the Swift toolchain" libcurl4 libcurl4t64 libncurses6 libsqlite3-0 libxml2
    fi
    version=$(swift build --version 2>&1 && swift --version 2>&1) ||
        die "the Swift toolchain does not start: ${version##*$'\n'}" \
            "a missing library? its Debian package has that name (libcurl4, libxml2, libsqlite3-0, libncurses6, …)"
    [[ $version =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]] || return 0
    [[ ${BASH_REMATCH[1]} -gt 6 || (${BASH_REMATCH[1]} -eq 6 && ${BASH_REMATCH[2]} -ge 2) ]] ||
        die "Swift ${BASH_REMATCH[1]}.${BASH_REMATCH[2]} is too old: phjob needs 6.2 or newer (made with 6.3)" \
            "get a newer toolchain from swift.org"
}

# release_options: the options of `swift build` for the program as it is given to people, one a line.
#
# A short command lives for some milliseconds, of which loading used to take half. Linked to its own addresses it has none of
# the 78,000 relocations to go through, and with the C++ library inside it the loader looks up none of that one's symbols.
release_options() {
    local libraries=$_root/.build/static-libraries archive
    printf '%s\n' -c release --static-swift-stdlib --product phjob --package-path "$_root" -Xlinker -no-pie -Xswiftc -Xclang-linker -Xswiftc -static-libgcc
    # Without the archive the program is only a little slower to start.
    archive=$("${CXX:-g++}" -print-file-name=libstdc++.a 2>/dev/null) || return 0
    [[ $archive == /* ]] || return 0
    mkdir -p -- "$libraries"
    ln -sfn -- "$archive" "$libraries/libstdc++.a"
    printf '%s\n' -Xlinker "-L$libraries"
}

# build_release: builds the program as it is given to people, and prints where it is. PHJOB_BINARY names one that is
# there already.
build_release() {
    if [[ -n ${PHJOB_BINARY:-} ]]; then
        [[ -x $PHJOB_BINARY ]] || die "PHJOB_BINARY names no program: $PHJOB_BINARY"
        realpath -- "$PHJOB_BINARY"
        return
    fi
    ensure_swift
    local options
    mapfile -t options < <(release_options)
    step "Building phjob (release; some minutes the first time)" swift build "${options[@]}" ||
        die "phjob does not build; the compiler's words are above"
    printf '%s/phjob\n' "$(swift build "${options[@]}" --show-bin-path)"
}
