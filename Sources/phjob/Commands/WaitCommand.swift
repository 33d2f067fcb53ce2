import PhjobAPI
import PhjobArguments
import PhjobCore

/// `phjob wait`
struct WaitCommand: Command {
    var jobs: [String] = []
    var any = false
    var timeout: TimeSpan?
    var cancelsOnInterrupt = false
    var json = false
    var quiet = false

    static let info = CommandInfo(
        name: "wait", summary: "wait for the end of jobs, and end with their exit code",
        discussion: """
            For several jobs the exit status is the first that is not 0, in the order in which the jobs are given; with --any it \
            is that of the job that ended first. Where scripts are large, --json has only the beginning of some, and says so \
            under "shortened".

            \(JobExitStatus.help)
            """,
        examples: [
            ("phjob wait @", "wait for your newest job"),
            ("phjob wait --timeout 10m job-202611210809-x7k2f9", "give up waiting after ten minutes; the job goes on"),
            (
                "phjob wait --any --quiet job-202611210809-x7k2f9 job-202611210810-a81d0q",
                "print the id of the first that ends"
            ),
        ])
    static let arguments: [ArgumentSpec<Self>] = [
        .positional("job", to: \.jobs, help: Selector.help, required: true, completion: .dynamic("jobs")),
        .flag("--any", to: \.any, help: "wait for the first that ends"),
        .option("--timeout", to: \.timeout, help: "how long to wait, as 90s or 15m", default: "as long as it takes"),
        .flag(
            "--cancel-on-interrupt", to: \.cancelsOnInterrupt,
            help: "on Ctrl-C, SIGTERM or SIGHUP cancel the jobs and wait for their end"),
        .flag("--json", to: \.json, help: "print the jobs that have ended as a JSON list"),
        .flag("--quiet", "-q", to: \.quiet, help: "print the ids of the jobs that have ended, and no words"),
    ]

    func run(_ context: Context) throws -> Int32 {
        try context.endingAsJob {
            let attendant = try JobAttendant(context, cancelsOnInterrupt: cancelsOnInterrupt)
            let ending = try attendant.wait(jobs, any: any, timeout: timeout?.seconds)
            guard case .ended(let items) = ending else {
                if case .timedOut = ending, !quiet { context.note("the time to wait is over, and the job is not") }
                return ending.exitStatus
            }
            let ended = Self.ended(items, any: any)
            if json {
                try context.printJSON(ended)
            } else if quiet {
                for job in ended { try context.print(job.id.text) }
            } else {
                for job in ended { context.note("\(job.id) \(job.phase.rawValue): \(job.message)") }
            }
            return JobAttendant.Ending.ended(ended).exitStatus
        }
    }

    /// The jobs whose end was waited for; of any, the one that ended first.
    static func ended(_ items: [JobView], any: Bool) -> [JobView] {
        let ended = items.filter(\.phase.isFinal)
        guard any else { return ended }
        let first = ended.enumerated().min { left, right in
            (left.element.finishTime?.milliseconds ?? .max, left.offset) < (
                right.element.finishTime?.milliseconds ?? .max, right.offset
            )
        }
        return first.map { [$0.element] } ?? []
    }
}
