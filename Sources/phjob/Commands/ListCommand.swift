import PhjobAPI
import PhjobArguments
import PhjobCore

/// `phjob list`
struct ListCommand: Command {
    var options = ListOptions()
    var limit: Int?
    var all = false
    var watch = false
    var json = false
    var quiet = false

    static let defaultLimit = 20

    static let info = CommandInfo(
        name: "list", aliases: ["ls", "ps"], summary: "list jobs, newest first",
        discussion: """
            TIMING is how long ago a job was made, and how long it has run. REASON says what a waiting job waits for, and why a \
            job did not succeed.
            """,
        examples: [
            ("phjob list", "the newest jobs of your groups"),
            ("phjob list --mine --status running --status pending", "what you still have to wait for"),
            (
                "phjob list --search train --since 2d --all --json",
                "all jobs of two days with 'train' in the name, as JSON"
            ),
            ("phjob list --watch", "keep the list up to date"),
            ("phjob list --mine --status failed --quiet | xargs -n 1 phjob rerun", "use the ids"),
        ])
    static let arguments: [ArgumentSpec<Self>] = [
        .group(\.options),
        .section(
            "How many, and how",
            [
                .option(
                    "--limit", "-n", to: \.limit, value: "number", help: "at most so many", default: "\(defaultLimit)"),
                .flag("--all", "-a", to: \.all, help: "all of them"),
                .flag("--watch", "-w", to: \.watch, help: "keep the list on the terminal up to date until Ctrl-C"),
                .flag("--json", to: \.json, help: "print a JSON list"),
                .flag("--quiet", "-q", to: \.quiet, help: "print ids only"),
            ]),
    ]

    mutating func validate() throws(UsageError) {
        if all, limit != nil { throw UsageError(.conflict("--all", "--limit")) }
        if let limit, limit < 1 { throw UsageError(.other("'--limit' needs a number of jobs, 1 or more")) }
        if json, quiet { throw UsageError(.conflict("--json", "--quiet")) }
        if watch, json || quiet { throw UsageError(.conflict("--watch", json ? "--json" : "--quiet")) }
    }

    func run(_ context: Context) throws -> Int32 {
        let limit = all ? nil : limit ?? Self.defaultLimit
        if watch {
            guard context.output.terminal != nil else { throw UsageError(.other("'--watch' needs a terminal")) }
            return try ListWatch(context: context, options: options, limit: limit).run()
        }
        let now = context.now()
        context.explain(options.since)
        let page = try context.client().allJobs(options.filter(now: now), limit: limit)
        if json {
            try context.printJSON(page.items)
        } else if quiet {
            try context.output.write(page.items.map { "\($0.id)\n" }.joined())
        } else {
            try context.print(JobRows.table(page.items, now: now))
            if let notice = page.notice { context.note(notice) }
            if page.next != nil, context.output.terminal != nil {
                context.note("\(page.items.count) of \(page.total) jobs; --limit or --all shows more")
            }
        }
        return 0
    }
}
