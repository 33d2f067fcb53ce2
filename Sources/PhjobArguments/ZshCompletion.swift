/// Writes the completion script for zsh, to be put into a directory of `fpath` or to be sourced.
package enum ZshCompletion {
    /// The script for a program's description (`Program.describe()`).
    package static func script(for root: CommandInfo) -> String {
        let function = "_" + ShellScript.identifier(root.name)
        var lines = ["#compdef \(root.name)", "# zsh completion for \(root.name), made by \(root.name) itself", ""]
        lines += ask(function)
        for (path, info) in root.tree() {
            lines.append("")
            lines += info.isGroup ? group(path, info, function) : command(path, info, function)
        }
        lines += [
            "",
            "if [[ $funcstack[1] == \(function) ]]; then",
            "    \(function) \"$@\"",
            "else",
            "    compdef \(function) \(root.name)",
            "fi",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func ask(_ function: String) -> [String] {
        #"""
        # Asks the program itself: a candidate a line, with an explanation after a tab.
        _FUNCTION_ask() {
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
        """#
        .substituting("FUNCTION", by: function)
        .substituting("__complete", by: CompletionKind.commandName)
        .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private static func name(of path: [String]) -> String {
        "_" + path.map(ShellScript.identifier).joined(separator: "__")
    }

    private static func group(_ path: [String], _ info: CommandInfo, _ function: String) -> [String] {
        let isRoot = path.count == 1
        var body = isRoot ? ["local program=$words[1]"] : []
        body += ["local curcontext=$curcontext state state_descr line", "local -A opt_args"]
        body += ["local -a commands", "commands=("]
        body += ShellScript.indented(info.visibleSubcommands.map { described($0.name, $0.summary) })
        if isRoot {
            body += ShellScript.indented([described("help", "show the help of a command")])
        }
        body += [")", #"_arguments -C -S \"#]
        body += ShellScript.indented(info.visibleArguments.flatMap { specification($0, function) }.map { $0 + #" \"# })
        body += [#"    '1: :->command' \"#, "    '*:: :->words'", "case $state in"]
        body += ["command) _describe -t commands command commands ;;", "words)", "    case $words[1] in"]
        body += ShellScript.indented(
            info.subcommands.map { child in
                "\(child.words.joined(separator: " | "))) \(name(of: path + [child.name])) ;;"
            })
        if isRoot {
            body += ["    help) _describe -t commands command commands ;;"]
        }
        body += ["    esac", "    ;;", "esac"]
        return ["\(name(of: path))() {"] + ShellScript.indented(body) + ["}"]
    }

    private static func command(_ path: [String], _ info: CommandInfo, _ function: String) -> [String] {
        let specifications = info.visibleArguments.flatMap { specification($0, function) }
        let lines = specifications.enumerated().map { index, line in
            index == specifications.count - 1 ? line : line + #" \"#
        }
        return ["\(name(of: path))() {", #"    _arguments -s -S \"#] + ShellScript.indented(lines, by: 8) + ["}"]
    }

    /// The arguments of `_arguments` for one of ours.
    private static func specification(_ info: ArgumentInfo, _ function: String) -> [String] {
        let message = ":\(escaped(info.valueName)):\(action(info.completion, function))"
        switch info.kind {
        case .positional:
            // A place without a number is the next one; a second colon makes it optional.
            let start = info.isRepeatable ? "*" : info.isRequired ? "" : ":"
            return [ShellScript.quote("\(start)\(message)")]
        case .remaining:
            return [ShellScript.quote("*::\(message)")]
        case .flag, .option:
            let names = info.shortFirst + info.inverseNames
            let exclusive = info.isRepeatable ? "*" : "(\(names.joined(separator: " ")))"
            return names.map { name in
                let value = info.kind == .flag ? "" : name.hasPrefix("--") ? "=" : "+"
                let explanation = "[\(escaped(info.help))]"
                return ShellScript.quote(
                    "\(exclusive)\(name)\(value)\(explanation)\(info.kind == .flag ? "" : message)")
            }
        }
    }

    private static func action(_ completion: CompletionKind, _ function: String) -> String {
        switch completion {
        case .none: " "
        case .file: "_files"
        case .directory: "_files -/"
        case .values(let values): "(\(values.map(escapedValue).joined(separator: " ")))"
        case .dynamic(let kind): "{_\(function)_ask \(kind)}"
        }
    }

    private static func described(_ word: String, _ text: String) -> String {
        ShellScript.quote("\(word):\(text)")
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { $0 += #"[]:\"#.contains($1) ? "\\\($1)" : "\($1)" }
    }

    private static func escapedValue(_ text: String) -> String {
        text.reduce(into: "") { $0 += #"[]():\ '"$"#.contains($1) ? "\\\($1)" : "\($1)" }
    }
}
