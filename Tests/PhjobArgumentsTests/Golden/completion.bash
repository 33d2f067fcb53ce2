# bash completion for tool, made by tool itself

# Describes the command $1: what can follow, which options take a value, and where the words begin that
# it passes on.
__tool_describe() {
    commands='' options='' valued='' rest='' places=0
    case $1 in
    'tool')
        commands='submit run list get image help'
        options='--dry -d --real --help -h --version'
        ;;
    'tool submit')
        options='--image -i --instance-type --grace --env -e --wait --color --no-color --quiet -q --file -f --dry -d --real --help -h'
        valued='--image -i --instance-type --grace --env -e --file -f --secret'
        rest=separator places=1
        ;;
    'tool run')
        options='--image -i --instance-type --grace --wait --color --no-color --dry -d --real --help -h'
        valued='--image -i --instance-type --grace'
        rest=word places=1
        ;;
    'tool list')
        options='--output -o --limit -n --all -a --group -g --verbose -v --dry -d --real --help -h'
        valued='--output -o --limit -n --group -g'
        ;;
    'tool get')
        options='--field --dry -d --real --help -h'
        valued='--field'
        ;;
    'tool image')
        commands='list copy'
        options='--dry -d --real --help -h'
        ;;
    'tool image list')
        options='--help -h'
        ;;
    'tool image copy')
        options='--dry -d --real --help -h'
        ;;
    'tool __complete')
        options='--dry -d --real --help -h'
        rest=word places=0
        ;;
    esac
}

# Finds the command that the word $2 means below $1.
__tool_descend() {
    next=''
    case "$1 $2" in
    'tool submit') next='tool submit' ;;
    'tool run') next='tool run' ;;
    'tool list' | 'tool ls' | 'tool ps') next='tool list' ;;
    'tool get' | 'tool show') next='tool get' ;;
    'tool image' | 'tool images') next='tool image' ;;
    'tool image list') next='tool image list' ;;
    'tool image copy') next='tool image copy' ;;
    'tool __complete') next='tool __complete' ;;
    esac
}

# Finds what can stand at the place $2 of the command $1: after an option, as the n-th word, or later.
__tool_candidates() {
    case "$1 $2" in
    'tool submit 1') __tool_files -f ;;
    'tool submit --image' | 'tool submit -i') __tool_ask 'images' ;;
    'tool submit --instance-type') found=('cpu-1' 'it'\''s: big') ;;
    'tool submit --file' | 'tool submit -f') __tool_files -f ;;
    'tool run 1') __tool_files -d ;;
    'tool run rest') __tool_files -f ;;
    'tool run --image' | 'tool run -i') __tool_ask 'images' ;;
    'tool run --instance-type') found=('cpu-1' 'it'\''s: big') ;;
    'tool list --output' | 'tool list -o') found=('table' 'json' 'json-lines') ;;
    'tool get '[0-9]*) __tool_ask 'jobs' ;;
    'tool image copy 1') ;;
    'tool image copy 2') found=('table' 'json' 'json-lines') ;;
    'tool image copy '[0-9]*) __tool_files -d ;;
    esac
}

# Asks the program itself.
__tool_ask() {
    local line
    while IFS=$'\t' read -r line _ || [[ -n $line ]]; do
        found+=("$line")
    done < <("$program" __complete "$1" "$cur" 2>/dev/null)
}

__tool_files() {
    cur=${cur//\\/}
    mapfile -t found < <(compgen "$1" -- "$cur")
    are_files=1
}

# Joins what COMP_WORDBREAKS has torn apart. `glued` is the part of the last word that readline keeps.
__tool_split() {
    local line=${COMP_LINE:0:COMP_POINT} piece='' is_new i
    for ((i = 0; i <= COMP_CWORD; i++)); do
        is_new=''
        [[ $i == 0 || $line == [[:space:]]* ]] && is_new=1
        line=${line#"${line%%[![:space:]]*}"}
        piece=${COMP_WORDS[i]}
        if ((i == COMP_CWORD)); then
            piece=$line
        else
            line=${line#*"$piece"}
        fi
        if [[ -n $is_new ]]; then
            words+=("$piece")
            glued=''
        else
            glued=${words[-1]}
            words[-1]+=$piece
        fi
    done
    [[ -n $piece && $piece != *[!=:@]* ]] && glued=${words[-1]}
}

_tool() {
    local commands options valued rest places words=() glued='' found=() are_files=''
    local path='tool' next='' pending='' stage='options' place=1 helping='' word i
    COMPREPLY=()
    __tool_split
    local program=${words[0]/#\~\//$HOME/} cur=${words[-1]} lead=''
    __tool_describe "$path"
    for ((i = 1; i < ${#words[@]} - 1; i++)); do
        word=${words[i]}
        if [[ -n $pending ]]; then
            pending=''
        elif [[ $stage == rest ]]; then
            break
        elif [[ $stage == options && $word == -- ]]; then
            stage=${rest:+rest}
            stage=${stage:-words}
        elif [[ $stage == options && $word == -?* ]]; then
            [[ " $valued " == *" $word "* ]] && pending=$word
        elif [[ -z $commands ]]; then
            place=$((place + 1))
            [[ $rest == word && $place -gt $((places + 1)) ]] && stage=rest
        elif [[ $word == help && $i == 1 ]]; then
            helping=1
        else
            __tool_descend "$path" "$word"
            [[ -n $next ]] || return 0
            path=$next
            __tool_describe "$path"
        fi
    done
    if [[ -n $helping ]]; then
        read -ra found <<<"$commands"
    elif [[ -n $pending ]]; then
        __tool_candidates "$path" "$pending"
    elif [[ $stage == options && $cur == --*=* ]]; then
        lead=${cur%%=*}=
        cur=${cur#*=}
        __tool_candidates "$path" "${lead%=}"
    elif [[ $stage == options && $cur == -* ]]; then
        read -ra found <<<"$options"
    elif [[ -n $commands ]]; then
        read -ra found <<<"$commands"
    elif [[ $stage == rest || ($rest == word && $place -gt $places) ]]; then
        __tool_candidates "$path" rest
    else
        __tool_candidates "$path" "$place"
    fi
    for word in "${found[@]}"; do
        [[ $word == "$cur"* ]] || continue
        [[ -n $are_files ]] || printf -v word %q "$word"
        word=$lead$word
        COMPREPLY+=("${word#"$glued"}")
    done
    [[ -n $are_files ]] && compopt -o filenames 2>/dev/null
    return 0
}

complete -F _tool tool
