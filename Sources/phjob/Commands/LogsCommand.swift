import PhjobAPI
import PhjobArguments
import PhjobCore

/// `phjob logs`
struct LogsCommand: Command {
    var job = ""
    var follow = false
    var tail: Int?
    var since: SinceArgument?
    var timestamps = false
    var exitCode = false
    var raw = false

    static let info = CommandInfo(
        name: "logs", aliases: ["log"], summary: "print a job's log",
        discussion: """
            A pipe or file gets the log as it is, to the last byte. On a terminal colours pass, and other control sequences are \
            written out, unless --raw is given; what a carriage return overwrites is erased, and '\\r' is put before what \
            follows. Following ends when the job ends; Ctrl-C leaves the job running.

            With --follow --exit-code:

            \(JobExitStatus.help)
            """,
        examples: [
            ("phjob logs @", "print the log of your newest job"),
            ("phjob logs --follow job-202611210809-x7k2f9", "watch a job to its end"),
            ("phjob logs --tail 20 --timestamps @~1", "the last twenty lines, with their times"),
        ])
    static let arguments: [ArgumentSpec<Self>] = [
        .positional("job", to: \.job, help: Selector.help, completion: .dynamic("jobs")),
        .flag("--follow", "-f", to: \.follow, help: "go on until the job has ended"),
        .option("--tail", "-n", to: \.tail, value: "number", help: "only the last lines"),
        .option("--since", to: \.since, help: "only lines from then on: \(SinceArgument.forms)"),
        .flag("--timestamps", to: \.timestamps, help: "put its time before each line"),
        .flag("--exit-code", to: \.exitCode, help: "with --follow: end with the job's exit code"),
        .flag("--raw", to: \.raw, help: "leave control sequences as they are on a terminal, too"),
    ]

    mutating func validate() throws(UsageError) {
        if exitCode, !follow { throw UsageError(.other("'--exit-code' needs '--follow'")) }
        if let tail, tail < 0 { throw UsageError(.other("'--tail' needs a number of lines, 0 or more")) }
    }

    func run(_ context: Context) throws -> Int32 {
        var options = LogOptions()
        options.tail = tail
        options.since = since?.time(now: context.now())
        options.timestamps = timestamps
        context.explain(since)
        if follow {
            let follow = { () throws -> Int32 in
                let ending = try JobAttendant(context).follow(job, options, isRaw: raw)
                if case .ended = ending, !exitCode { return 0 }
                return ending.exitStatus
            }
            return exitCode ? try context.endingAsJob(follow) : try follow()
        }
        let client = try context.client()
        var printer = LogPrinter(context.output, isRaw: raw)
        var count = 0
        let incomplete = try client.log(job, options) { bytes in
            count += bytes.count
            try printer.write(bytes)
        }
        try printer.finish()
        if let incomplete { context.warn("the log may lack lines: \(incomplete)") }
        if count == 0, options == LogOptions() {
            let view = try client.job(job)
            if !view.phase.isFinal { context.note("nothing was printed yet; \(view.phase.rawValue): \(view.message)") }
        }
        return 0
    }
}
