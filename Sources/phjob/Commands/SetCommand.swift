import PhjobAPI
import PhjobArguments
import PhjobCore

/// `phjob set`
struct SetCommand: Command {
    var jobs: [String] = []
    var hold = false
    var release = false
    var priority: Int?
    var json = false

    static let info = CommandInfo(
        name: "set", summary: "hold back, release, or move jobs that wait",
        discussion: """
            A job that is held back keeps its place, and starts when it is released and its turn has come. Owners may hold back \
            and release their own; all else is for administrators, and what one of them holds back only they release. Jobs of a \
            higher priority (\(PendingJob.priorities.lowerBound) to \(PendingJob.priorities.upperBound), usually 0) come first. \
            The ids of the changed jobs are printed.
            """,
        examples: [
            ("phjob set @ --hold", "let your newest job wait"),
            ("phjob set @ --release", "and go on"),
            ("phjob set job-202611210809-x7k2f9 --priority 10", "let a job go before the others"),
        ])
    static let arguments: [ArgumentSpec<Self>] = [
        .positional("job", to: \.jobs, help: Selector.help, required: true, completion: .dynamic("jobs")),
        .flag("--hold", to: \.hold, help: "hold it back"),
        .flag("--release", to: \.release, help: "hold it back no more"),
        .option("--priority", "-p", to: \.priority, value: "number", help: "how far ahead it comes"),
        .flag("--json", to: \.json, help: "print the changed jobs as a JSON list"),
    ]

    mutating func validate() throws(UsageError) {
        if hold, release { throw UsageError(.conflict("--hold", "--release")) }
        if !hold, !release, priority == nil {
            throw UsageError(.other("what is to be changed? give --hold, --release or --priority"))
        }
    }

    func run(_ context: Context) throws -> Int32 {
        let client = try context.client()
        let change = QueueingChange(hold: hold ? true : release ? false : nil, priority: priority)
        return try context.change(jobs, json: json, failure: "changed") { try client.set($0, change) }
    }
}
