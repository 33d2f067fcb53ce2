import PhjobAPI
import PhjobArguments
import PhjobCore

/// A job on the command line: its command in one of four forms, and its options.
struct JobSource: ArgumentGroup {
    var options = JobOptions()
    var file: String?
    var script: String?
    var words: [String] = []

    static let arguments: [ArgumentSpec<Self>] = [
        .positional(
            "script", to: \.script, help: "a file that holds the script to run; '-' for standard input",
            completion: .file),
        .remaining(
            "command", to: \.words, from: .separator,
            help: "the command and its arguments; a single word may be a line of shell"),
        .group(\.options),
        .section(
            "The job",
            [
                .option(
                    "--file", "-f", to: \.file, value: "file",
                    help: "the job as JSON, as PrimeHub has it; '-' for standard input",
                    completion: .file)
            ]),
    ]

    static let help = """
        The command comes after '--', as a script file, on standard input, or in a JSON job.

        Where several places say what the job is to be, options win over variables of the environment, these over lines \
        '#PHJOB --instance-type cpu-2' at the head of a script or the members of a JSON job, and these over the catalogue's \
        defaults.
        """

    /// The size of a request's body that the runner takes.
    private static let maximumBodySize = 4 << 20

    /// Checks that the command has one form only.
    func validateSource() throws(UsageError) {
        if script != nil, !words.isEmpty { throw UsageError(.conflict("<script>", "-- <command>")) }
        if file != nil, !words.isEmpty { throw UsageError(.conflict("--file", "-- <command>")) }
        if file != nil, script != nil { throw UsageError(.conflict("--file", "<script>")) }
    }

    /// Reads all that there is to read. Nothing has been sent anywhere if it throws.
    ///
    /// - Returns: the submission, and the options with a script's own among them.
    func resolve(_ context: Context) throws -> (submission: JobSubmission, options: JobOptions) {
        var options = options
        var base = JobSubmission()
        if let file {
            let source = file == "-" ? "standard input" : TerminalText.escaped(file)
            let bytes =
                try file == "-"
                ? InputFile.bytes(of: context.input, limit: JobFile.maximumSize)
                : InputFile.bytes(at: file, limit: JobFile.maximumSize)
            base = try JobFile.read(bytes, from: source)
        } else if !words.isEmpty {
            base.command = words.count == 1 ? words[0] : ShellWords.join(words)
        } else {
            let (text, path) = try readScript(context)
            try Self.checkLineEnds(text, path, context)
            let directives = Directives(in: text, marker: "#PHJOB")
            options = options.filled(from: try directives.parse(file: path, allowing: JobOptions.directives))
            for line in directives.ignoredLines {
                context.warn(
                    "\(path ?? "the script"): line \(line) is not in force, as it stands after the first command")
            }
            base.command = text
            if let name = path?.split(separator: "/").last, Name.problem(inDisplayName: String(name)) == nil {
                base.displayName = String(name)
            }
        }
        let submission = base.overridden(by: try options.submission(context))
        try Self.checkSize(submission)
        return (submission, options)
    }

    private func readScript(_ context: Context) throws -> (text: String, path: String?) {
        let limit = Catalogue.maximumCommandSize
        if let script, script != "-" {
            return (try InputFile.text(at: script, limit: limit), script)
        }
        let missing = UsageError(
            .other("a command is missing; give it after '--', as a script file, or on standard input"))
        if script == nil, context.input.isTerminal { throw missing }
        let bytes = try InputFile.bytes(of: context.input, limit: limit)
        guard !bytes.isEmpty else { throw missing }
        return (try InputFile.text(of: bytes, from: "standard input"), nil)
    }

    /// - Throws: if the script's interpreter would not be found; other scripts with DOS line ends get a warning.
    private static func checkLineEnds(_ text: String, _ path: String?, _ context: Context) throws(PhjobError) {
        let file = path.map { ShellWords.quote(TerminalText.escaped($0)) }
        let command = file.map { "sed -i 's/\\r$//' \($0)" } ?? "sed 's/\\r$//'"
        if let problem = ScriptText.problem(inInterpreterOf: text) {
            throw PhjobError(
                .invalidRequest, "\(path.map { "\(TerminalText.escaped($0)): " } ?? "")\(problem)",
                hint: "convert it: \(command)")
        }
        if ScriptText.dosLine(of: text) != nil {
            context.warn(
                "\(path ?? "the script") has DOS line ends, which a shell takes for a part of words; to convert it: \(command)"
            )
        }
    }

    static func checkSize(_ submission: JobSubmission) throws {
        let limit = Catalogue.maximumCommandSize
        let hint = "put large data on the group's volume and name it in the command"
        if let size = submission.command?.utf8.count, size > limit {
            throw PhjobError(.limitExceeded, "the command has \(size) bytes; at most \(limit)", hint: hint)
        }
        let size = try JSONBody.encode(submission).count
        guard size <= maximumBodySize else {
            throw PhjobError(
                .limitExceeded, "the job has \(size) bytes as JSON; at most \(maximumBodySize)", hint: hint)
        }
    }
}
