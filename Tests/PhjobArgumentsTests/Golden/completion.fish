# fish completion for tool, made by tool itself

# The command that the words before the cursor name.
function __tool_path
    set -l path 'tool'
    set -l words (commandline -opc)
    set -e words[1]
    for word in $words
        switch "$path $word"
            case '* -*'
                continue
            case 'tool submit'
                set path 'tool submit'
            case 'tool run'
                set path 'tool run'
            case 'tool list' 'tool ls' 'tool ps'
                set path 'tool list'
            case 'tool get' 'tool show'
                set path 'tool get'
            case 'tool image' 'tool images'
                set path 'tool image'
            case 'tool image list'
                set path 'tool image list'
            case 'tool image copy'
                set path 'tool image copy'
            case 'tool __complete'
                set path 'tool __complete'
            case 'tool help'
                set path 'tool help'
            case '*'
                break
        end
    end
    echo $path
end

function __tool_is
    test (__tool_path) = "$argv"
end

# Asks the program itself: a candidate a line, with an explanation after a tab.
function __tool_ask
    set -l word (commandline -ct | string replace -r -- '^--[^=]*=' '')
    tool __complete $argv[1] "$word" 2>/dev/null
end

complete -c tool -f
complete -c tool -n '__tool_is tool' -a 'submit' -d 'submit a job and print its id'
complete -c tool -n '__tool_is tool' -a 'run' -d 'run a command'
complete -c tool -n '__tool_is tool' -a 'list' -d 'list jobs'
complete -c tool -n '__tool_is tool' -a 'get' -d 'show jobs'
complete -c tool -n '__tool_is tool' -a 'image' -d 'the images that jobs can use'
complete -c tool -n '__tool_is tool' -a help -d 'show the help of a command'
complete -c tool -n '__tool_is tool' -s d -l dry -d 'change nothing'
complete -c tool -n '__tool_is tool' -l real -d 'do it'
complete -c tool -n '__tool_is tool' -s h -l help -d 'show this help'
complete -c tool -n '__tool_is tool' -l version -d 'show the version'
complete -c tool -n '__tool_is tool submit' -F
complete -c tool -n '__tool_is tool submit' -s i -l image -x -a '(__tool_ask images)' -d 'the image'
complete -c tool -n '__tool_is tool submit' -l instance-type -x -a 'cpu-1 \'it\\\'s: big\'' -d 'the amount of CPU and memory'
complete -c tool -n '__tool_is tool submit' -l grace -x -d 'time between the signals that stop the job'
complete -c tool -n '__tool_is tool submit' -s e -l env -x -d 'a variable for the job'
complete -c tool -n '__tool_is tool submit' -l wait -d 'wait for the end'
complete -c tool -n '__tool_is tool submit' -l color -d 'colour the output'
complete -c tool -n '__tool_is tool submit' -l no-color -d 'not: colour the output'
complete -c tool -n '__tool_is tool submit' -s q -l quiet -d 'print nothing but the id'
complete -c tool -n '__tool_is tool submit' -s f -l file -r -F -d 'a job as JSON'
complete -c tool -n '__tool_is tool submit' -s d -l dry -d 'change nothing'
complete -c tool -n '__tool_is tool submit' -l real -d 'do it'
complete -c tool -n '__tool_is tool submit' -s h -l help -d 'show this help'
complete -c tool -n '__tool_is tool run' -a '(__fish_complete_directories (commandline -ct))'
complete -c tool -n '__tool_is tool run' -F
complete -c tool -n '__tool_is tool run' -s i -l image -x -a '(__tool_ask images)' -d 'the image'
complete -c tool -n '__tool_is tool run' -l instance-type -x -a 'cpu-1 \'it\\\'s: big\'' -d 'the amount of CPU and memory'
complete -c tool -n '__tool_is tool run' -l grace -x -d 'time between the signals that stop the job'
complete -c tool -n '__tool_is tool run' -l wait -d 'wait for the end'
complete -c tool -n '__tool_is tool run' -l color -d 'colour the output'
complete -c tool -n '__tool_is tool run' -l no-color -d 'not: colour the output'
complete -c tool -n '__tool_is tool run' -s d -l dry -d 'change nothing'
complete -c tool -n '__tool_is tool run' -l real -d 'do it'
complete -c tool -n '__tool_is tool run' -s h -l help -d 'show this help'
complete -c tool -n '__tool_is tool list' -s o -l output -x -a 'table json json-lines' -d 'how to print them'
complete -c tool -n '__tool_is tool list' -s n -l limit -x -d 'how many at most'
complete -c tool -n '__tool_is tool list' -s a -l all -d 'all of them'
complete -c tool -n '__tool_is tool list' -s g -l group -x -d 'only those of the group'
complete -c tool -n '__tool_is tool list' -s v -l verbose -d 'say more; twice for still more'
complete -c tool -n '__tool_is tool list' -s d -l dry -d 'change nothing'
complete -c tool -n '__tool_is tool list' -l real -d 'do it'
complete -c tool -n '__tool_is tool list' -s h -l help -d 'show this help'
complete -c tool -n '__tool_is tool get' -a '(__tool_ask jobs)'
complete -c tool -n '__tool_is tool get' -l field -x -d 'only this field'
complete -c tool -n '__tool_is tool get' -s d -l dry -d 'change nothing'
complete -c tool -n '__tool_is tool get' -l real -d 'do it'
complete -c tool -n '__tool_is tool get' -s h -l help -d 'show this help'
complete -c tool -n '__tool_is tool image' -a 'list' -d 'list the images'
complete -c tool -n '__tool_is tool image' -a 'copy' -d 'copy an image'
complete -c tool -n '__tool_is tool image' -s d -l dry -d 'change nothing'
complete -c tool -n '__tool_is tool image' -l real -d 'do it'
complete -c tool -n '__tool_is tool image' -s h -l help -d 'show this help'
complete -c tool -n '__tool_is tool image list' -s h -l help -d 'show this help'
complete -c tool -n '__tool_is tool image copy' -a 'table json json-lines'
complete -c tool -n '__tool_is tool image copy' -a '(__fish_complete_directories (commandline -ct))'
complete -c tool -n '__tool_is tool image copy' -s d -l dry -d 'change nothing'
complete -c tool -n '__tool_is tool image copy' -l real -d 'do it'
complete -c tool -n '__tool_is tool image copy' -s h -l help -d 'show this help'
complete -c tool -n '__tool_is tool help' -a 'submit' -d 'submit a job and print its id'
complete -c tool -n '__tool_is tool help' -a 'run' -d 'run a command'
complete -c tool -n '__tool_is tool help' -a 'list' -d 'list jobs'
complete -c tool -n '__tool_is tool help' -a 'get' -d 'show jobs'
complete -c tool -n '__tool_is tool help' -a 'image' -d 'the images that jobs can use'
