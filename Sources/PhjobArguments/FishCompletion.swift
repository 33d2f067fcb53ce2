/// Writes the completion script for fish.
package enum FishCompletion {
    /// The script for a program's description (`Program.describe()`).
    package static func script(for root: CommandInfo) -> String {
        let function = "__" + ShellScript.identifier(root.name)
        var lines = ["# fish completion for \(root.name), made by \(root.name) itself", ""]
        lines += functions(root, function)
        lines += ["", "complete -c \(root.name) -f"]
        for (path, info) in root.visibleTree() {
            let start = "complete -c \(root.name) -n \(quote("\(function)_is \(path.joined(separator: " "))"))"
            lines += entries(path, info, function).map { "\(start) \($0)" }
        }
        let help = "complete -c \(root.name) -n \(quote("\(function)_is \(root.name) help"))"
        lines += root.visibleSubcommands.map { "\(help) -a \(quote($0.name)) -d \(quote($0.summary))" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func functions(_ root: CommandInfo, _ function: String) -> [String] {
        let cases = ShellScript.steps(in: root).flatMap { typed, meant in
            ["case \(typed.map(quote).joined(separator: " "))", "    set path \(quote(meant))"]
        }
        let help = ["case \(quote("\(root.name) help"))", "    set path \(quote("\(root.name) help"))"]
        let start = [
            "# The command that the words before the cursor name.",
            "function \(function)_path",
            "    set -l path \(quote(root.name))",
            "    set -l words (commandline -opc)",
            "    set -e words[1]",
            "    for word in $words",
            "        switch \"$path $word\"",
            "            case '* -*'",
            "                continue",
        ]
        let end = """
                        case '*'
                            break
                    end
                end
                echo $path
            end

            function FUNCTION_is
                test (FUNCTION_path) = "$argv"
            end

            # Asks the program itself: a candidate a line, with an explanation after a tab.
            function FUNCTION_ask
                set -l word (commandline -ct | string replace -r -- '^--[^=]*=' '')
                NAME __complete $argv[1] "$word" 2>/dev/null
            end
            """
            .substituting("FUNCTION", by: function)
            .substituting("NAME", by: root.name)
            .substituting("__complete", by: CompletionKind.commandName)
        return start + ShellScript.indented(cases + help, by: 12) + [end]
    }

    private static func entries(_ path: [String], _ info: CommandInfo, _ function: String) -> [String] {
        var entries = info.visibleSubcommands.map { "-a \(quote($0.name)) -d \(quote($0.summary))" }
        if path.count == 1, info.isGroup {
            entries.append("-a help -d 'show the help of a command'")
        }
        for argument in info.visibleArguments {
            let value = value(argument.completion, function)
            guard argument.isNamed else {
                if let value {
                    entries.append(value)
                }
                continue
            }
            let taken = argument.kind == .flag ? "" : argument.completion == .file ? "-r " : "-x "
            let candidates = value.map { "\($0) " } ?? ""
            entries.append("\(names(argument.shortFirst)) \(taken)\(candidates)-d \(quote(argument.help))")
            if !argument.inverseNames.isEmpty {
                entries.append("\(names(argument.inverseNames)) -d \(quote("not: \(argument.help)"))")
            }
        }
        return entries
    }

    private static func names(_ names: [String]) -> String {
        names.map { $0.hasPrefix("--") ? "-l \($0.dropFirst(2))" : "-s \($0.dropFirst())" }.joined(separator: " ")
    }

    private static func value(_ completion: CompletionKind, _ function: String) -> String? {
        switch completion {
        case .none: nil
        case .file: "-F"
        case .directory: "-a '(__fish_complete_directories (commandline -ct))'"
        case .values(let values): "-a \(quote(values.map(quoteInList).joined(separator: " ")))"
        case .dynamic(let kind): "-a \(quote("(\(function)_ask \(kind))"))"
        }
    }

    private static func quote(_ text: String) -> String {
        "'" + text.reduce(into: "") { $0 += #"\'"#.contains($1) ? "\\\($1)" : "\($1)" } + "'"
    }

    /// A value inside of `-a '…'`, which fish reads once more.
    private static func quoteInList(_ text: String) -> String {
        let isPlain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./:=+,@%".contains($0)) }
        return isPlain && !text.isEmpty ? text : quote(text)
    }
}
