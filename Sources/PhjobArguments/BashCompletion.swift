/// Writes the completion script for bash; it needs nothing but bash 4.
package enum BashCompletion {
    /// The script for a program's description (`Program.describe()`).
    package static func script(for root: CommandInfo) -> String {
        let function = "_" + ShellScript.identifier(root.name)
        var lines = ["# bash completion for \(root.name), made by \(root.name) itself", ""]
        lines += describe(root, function) + [""]
        lines += descend(root, function) + [""]
        lines += candidates(root, function) + [""]
        lines.append(engine(function, root.name))
        lines += ["", "complete -F \(function) \(root.name)"]
        return lines.joined(separator: "\n") + "\n"
    }

    // MARK: - Tables

    private static func describe(_ root: CommandInfo, _ function: String) -> [String] {
        let cases = root.tree().flatMap { path, info in
            var lines = ["\(ShellScript.quote(path.joined(separator: " "))))"]
            if info.isGroup {
                let names = info.visibleSubcommands.map(\.name) + (path.count == 1 ? ["help"] : [])
                lines.append("    commands='\(names.joined(separator: " "))'")
            }
            let shown = info.visibleArguments.flatMap { $0.shortFirst.reversed() + $0.inverseNames }
            lines.append("    options='\(shown.joined(separator: " "))'")
            let valued = info.arguments.filter { $0.kind == .option }.flatMap(\.names)
            if !valued.isEmpty {
                lines.append("    valued='\(valued.joined(separator: " "))'")
            }
            for case .remaining(let start) in info.arguments.map(\.kind) {
                let places = info.arguments.count { $0.kind == .positional }
                lines.append("    rest=\(start == .separator ? "separator" : "word") places=\(places)")
            }
            return lines + ["    ;;"]
        }
        return [
            "# Describes the command $1: what can follow, which options take a value, and where the words begin that",
            "# it passes on.",
            "_\(function)_describe() {",
            "    commands='' options='' valued='' rest='' places=0",
            "    case $1 in",
        ] + ShellScript.indented(cases) + ["    esac", "}"]
    }

    private static func descend(_ root: CommandInfo, _ function: String) -> [String] {
        let cases = ShellScript.steps(in: root).map { typed, meant in
            typed.map(ShellScript.quote).joined(separator: " | ") + ") next=\(ShellScript.quote(meant)) ;;"
        }
        return [
            "# Finds the command that the word $2 means below $1.",
            "_\(function)_descend() {",
            "    next=''",
            "    case \"$1 $2\" in",
        ] + ShellScript.indented(cases) + ["    esac", "}"]
    }

    private static func candidates(_ root: CommandInfo, _ function: String) -> [String] {
        let cases = root.tree().flatMap { path, info in
            let path = path.joined(separator: " ")
            var place = 0
            return info.arguments.compactMap { argument -> String? in
                if argument.kind == .positional {
                    place += 1
                }
                let action = action(argument.completion, function)
                // A place without candidates must not fall through to a later pattern.
                guard action != nil || argument.kind == .positional else { return nil }
                let patterns =
                    switch argument.kind {
                    case .remaining: [ShellScript.quote("\(path) rest")]
                    case .positional where argument.isRepeatable: [ShellScript.quote("\(path) ") + "[0-9]*"]
                    case .positional: [ShellScript.quote("\(path) \(place)")]
                    case .option, .flag: argument.names.map { ShellScript.quote("\(path) \($0)") }
                    }
                return "\(patterns.joined(separator: " | "))) \(action.map { "\($0) " } ?? "");;"
            }
        }
        return [
            "# Finds what can stand at the place $2 of the command $1: after an option, as the n-th word, or later.",
            "_\(function)_candidates() {",
            "    case \"$1 $2\" in",
        ] + ShellScript.indented(cases) + ["    esac", "}"]
    }

    private static func action(_ completion: CompletionKind, _ function: String) -> String? {
        switch completion {
        case .none: nil
        case .file: "_\(function)_files -f"
        case .directory: "_\(function)_files -d"
        case .values(let values): "found=(\(values.map(ShellScript.quote).joined(separator: " ")))"
        case .dynamic(let kind): "_\(function)_ask \(ShellScript.quote(kind))"
        }
    }

    // MARK: - The part that is the same for every program

    private static func engine(_ function: String, _ name: String) -> String {
        #"""
        # Asks the program itself.
        _FUNCTION_ask() {
            local line
            while IFS=$'\t' read -r line _ || [[ -n $line ]]; do
                found+=("$line")
            done < <("$program" __complete "$1" "$cur" 2>/dev/null)
        }

        _FUNCTION_files() {
            cur=${cur//\\/}
            mapfile -t found < <(compgen "$1" -- "$cur")
            are_files=1
        }

        # Joins what COMP_WORDBREAKS has torn apart. `glued` is the part of the last word that readline keeps.
        _FUNCTION_split() {
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

        FUNCTION() {
            local commands options valued rest places words=() glued='' found=() are_files=''
            local path='NAME' next='' pending='' stage='options' place=1 helping='' word i
            COMPREPLY=()
            _FUNCTION_split
            local program=${words[0]/#\~\//$HOME/} cur=${words[-1]} lead=''
            _FUNCTION_describe "$path"
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
                    _FUNCTION_descend "$path" "$word"
                    [[ -n $next ]] || return 0
                    path=$next
                    _FUNCTION_describe "$path"
                fi
            done
            if [[ -n $helping ]]; then
                read -ra found <<<"$commands"
            elif [[ -n $pending ]]; then
                _FUNCTION_candidates "$path" "$pending"
            elif [[ $stage == options && $cur == --*=* ]]; then
                lead=${cur%%=*}=
                cur=${cur#*=}
                _FUNCTION_candidates "$path" "${lead%=}"
            elif [[ $stage == options && $cur == -* ]]; then
                read -ra found <<<"$options"
            elif [[ -n $commands ]]; then
                read -ra found <<<"$commands"
            elif [[ $stage == rest || ($rest == word && $place -gt $places) ]]; then
                _FUNCTION_candidates "$path" rest
            else
                _FUNCTION_candidates "$path" "$place"
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
        """#
        .substituting("FUNCTION", by: function)
        .substituting("NAME", by: name)
        .substituting("__complete", by: CompletionKind.commandName)
    }
}
