import PhjobAPI
import PhjobArguments
import PhjobCore

/// `phjob prune`
struct PruneCommand: Command {
    var olderThan: TimeSpan?
    var groups: [String] = []
    var yes = false
    var json = false
    var quiet = false

    static let info = CommandInfo(
        name: "prune", summary: "remove the records and logs of jobs that ended long ago",
        discussion: """
            Says what would be removed; with --yes it is removed, for good. Jobs that wait, run, or are not yet done with are \
            never removed. Volumes are not touched. What is removed is no longer counted in 'phjob quota'. For administrators.
            """,
        examples: [
            ("phjob prune --older-than 180d", "see what half a year old records take"),
            ("phjob prune --older-than 180d --group lab --yes", "remove those of one group"),
        ])
    static let arguments: [ArgumentSpec<Self>] = [
        .option("--older-than", to: \.olderThan, help: "jobs that ended at least so long ago", required: true),
        .option(
            "--group", "-g", to: \.groups, value: "name", help: "only jobs of this group; can be repeated",
            completion: .dynamic("groups")),
        .flag("--yes", "-y", to: \.yes, help: "remove them"),
        .flag("--json", to: \.json, help: "print JSON"),
        .flag("--quiet", "-q", to: \.quiet, help: "print ids only"),
    ]

    mutating func validate() throws(UsageError) {
        if json, quiet { throw UsageError(.conflict("--json", "--quiet")) }
    }

    func run(_ context: Context) throws -> Int32 {
        let request = PruneRequest(olderThanSeconds: olderThan?.seconds ?? 0, groups: groups, dryRun: !yes)
        let answer = try context.client().prune(request)
        if json {
            try context.printJSON(answer)
        } else if quiet {
            try context.output.write(answer.jobs.map { "\($0)\n" }.joined())
        } else {
            let owners = answer.owners.map { JobOwners(counts: $0).text } ?? ""
            let what = (answer.jobs.count == 1 ? "1 job" : "\(answer.jobs.count) jobs") + owners
            let size = MemorySize(bytes: max(1, answer.bytes >> 20) << 20)
            try context.print(answer.jobs.isEmpty ? what : "\(what), about \(size) on disk")
        }
        if !answer.isDone, !answer.jobs.isEmpty { context.note("nothing was removed; --yes removes them for good") }
        return 0
    }
}
