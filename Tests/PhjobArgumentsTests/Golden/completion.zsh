#compdef tool
# zsh completion for tool, made by tool itself

# Asks the program itself: a candidate a line, with an explanation after a tab.
__tool_ask() {
    local -a lines candidates
    local line
    lines=(${(f)"$(${program/#\~\//$HOME/} __complete $1 "$PREFIX" 2>/dev/null)"})
    for line in $lines; do
        if [[ $line == *$'\t'* ]]; then
            candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
        else
            candidates+=("${line//:/\\:}")
        fi
    done
    _describe -t $1 $1 candidates
}

_tool() {
    local program=$words[1]
    local curcontext=$curcontext state state_descr line
    local -A opt_args
    local -a commands
    commands=(
        'submit:submit a job and print its id'
        'run:run a command'
        'list:list jobs'
        'get:show jobs'
        'image:the images that jobs can use'
        'help:show the help of a command'
    )
    _arguments -C -S \
        '(-d --dry)-d[change nothing]' \
        '(-d --dry)--dry[change nothing]' \
        '(--real)--real[do it]' \
        '(-h --help)-h[show this help]' \
        '(-h --help)--help[show this help]' \
        '(--version)--version[show the version]' \
        '1: :->command' \
        '*:: :->words'
    case $state in
    command) _describe -t commands command commands ;;
    words)
        case $words[1] in
        submit) _tool__submit ;;
        run) _tool__run ;;
        list | ls | ps) _tool__list ;;
        get | show) _tool__get ;;
        image | images) _tool__image ;;
        __complete) _tool____complete ;;
        help) _describe -t commands command commands ;;
        esac
        ;;
    esac
}

_tool__submit() {
    _arguments -s -S \
        '::script:_files' \
        '*:::command: ' \
        '(-i --image)-i+[the image]:name:{__tool_ask images}' \
        '(-i --image)--image=[the image]:name:{__tool_ask images}' \
        '(--instance-type)--instance-type=[the amount of CPU and memory]:name:(cpu-1 it\'\''s\:\ big)' \
        '(--grace)--grace=[time between the signals that stop the job]:duration: ' \
        '*-e+[a variable for the job]:name=value: ' \
        '*--env=[a variable for the job]:name=value: ' \
        '(--wait)--wait[wait for the end]' \
        '(--color --no-color)--color[colour the output]' \
        '(--color --no-color)--no-color[colour the output]' \
        '(-q --quiet)-q[print nothing but the id]' \
        '(-q --quiet)--quiet[print nothing but the id]' \
        '(-f --file)-f+[a job as JSON]:path:_files' \
        '(-f --file)--file=[a job as JSON]:path:_files' \
        '(-d --dry)-d[change nothing]' \
        '(-d --dry)--dry[change nothing]' \
        '(--real)--real[do it]' \
        '(-h --help)-h[show this help]' \
        '(-h --help)--help[show this help]'
}

_tool__run() {
    _arguments -s -S \
        ':directory:_files -/' \
        '*:::command:_files' \
        '(-i --image)-i+[the image]:name:{__tool_ask images}' \
        '(-i --image)--image=[the image]:name:{__tool_ask images}' \
        '(--instance-type)--instance-type=[the amount of CPU and memory]:name:(cpu-1 it\'\''s\:\ big)' \
        '(--grace)--grace=[time between the signals that stop the job]:duration: ' \
        '(--wait)--wait[wait for the end]' \
        '(--color --no-color)--color[colour the output]' \
        '(--color --no-color)--no-color[colour the output]' \
        '(-d --dry)-d[change nothing]' \
        '(-d --dry)--dry[change nothing]' \
        '(--real)--real[do it]' \
        '(-h --help)-h[show this help]' \
        '(-h --help)--help[show this help]'
}

_tool__list() {
    _arguments -s -S \
        '(-o --output)-o+[how to print them]:format:(table json json-lines)' \
        '(-o --output)--output=[how to print them]:format:(table json json-lines)' \
        '(-n --limit)-n+[how many at most]:number: ' \
        '(-n --limit)--limit=[how many at most]:number: ' \
        '(-a --all)-a[all of them]' \
        '(-a --all)--all[all of them]' \
        '*-g+[only those of the group]:name: ' \
        '*--group=[only those of the group]:name: ' \
        '*-v[say more; twice for still more]' \
        '*--verbose[say more; twice for still more]' \
        '(-d --dry)-d[change nothing]' \
        '(-d --dry)--dry[change nothing]' \
        '(--real)--real[do it]' \
        '(-h --help)-h[show this help]' \
        '(-h --help)--help[show this help]'
}

_tool__get() {
    _arguments -s -S \
        '*:job:{__tool_ask jobs}' \
        '(--field)--field=[only this field]:text: ' \
        '(-d --dry)-d[change nothing]' \
        '(-d --dry)--dry[change nothing]' \
        '(--real)--real[do it]' \
        '(-h --help)-h[show this help]' \
        '(-h --help)--help[show this help]'
}

_tool__image() {
    local curcontext=$curcontext state state_descr line
    local -A opt_args
    local -a commands
    commands=(
        'list:list the images'
        'copy:copy an image'
    )
    _arguments -C -S \
        '(-d --dry)-d[change nothing]' \
        '(-d --dry)--dry[change nothing]' \
        '(--real)--real[do it]' \
        '(-h --help)-h[show this help]' \
        '(-h --help)--help[show this help]' \
        '1: :->command' \
        '*:: :->words'
    case $state in
    command) _describe -t commands command commands ;;
    words)
        case $words[1] in
        list) _tool__image__list ;;
        copy) _tool__image__copy ;;
        esac
        ;;
    esac
}

_tool__image__list() {
    _arguments -s -S \
        '(-h --help)-h[show this help]' \
        '(-h --help)--help[show this help]'
}

_tool__image__copy() {
    _arguments -s -S \
        ':count: ' \
        '::format:(table json json-lines)' \
        '*:target:_files -/' \
        '(-d --dry)-d[change nothing]' \
        '(-d --dry)--dry[change nothing]' \
        '(--real)--real[do it]' \
        '(-h --help)-h[show this help]' \
        '(-h --help)--help[show this help]'
}

_tool____complete() {
    _arguments -s -S \
        '*:::word: ' \
        '(-d --dry)-d[change nothing]' \
        '(-d --dry)--dry[change nothing]' \
        '(--real)--real[do it]' \
        '(-h --help)-h[show this help]' \
        '(-h --help)--help[show this help]'
}

if [[ $funcstack[1] == _tool ]]; then
    _tool "$@"
else
    compdef _tool tool
fi
