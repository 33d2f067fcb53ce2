# shellcheck shell=bash
# Where install and uninstall work. Needs common.sh. Sourced, never run.

prefix=''

# parse_prefix ARGUMENTS…: sets `prefix` to an absolute path.
parse_prefix() {
    while [[ $# -gt 0 ]]; do
        case $1 in
        --prefix) [[ $# -ge 2 ]] || usage_error "--prefix needs a value"; prefix=$2; shift ;;
        --prefix=*) prefix=${1#*=} ;;
        --help | -h) print_help; exit ;;
        *) usage_error "unexpected argument: $1" ;;
        esac
        shift
    done
    if [[ -z $prefix ]]; then
        if [[ $EUID -eq 0 ]]; then prefix=/usr/local; else prefix=$HOME/.local; fi
    fi
    prefix=$(realpath --canonicalize-missing -- "$prefix")
}

# in_prefix COMMAND…: as the caller where they may write there, else as root.
in_prefix() {
    local directory=$prefix
    while [[ ! -e $directory ]]; do directory=$(dirname -- "$directory"); done
    if [[ -w $directory ]]; then "$@"; else as_root "$@"; fi
}
