import PhjobAPI
import PhjobArguments
import PhjobCore

/// `phjob cancel`
struct CancelCommand: Command {
    var jobs: [String] = []
    var options = ListOptions()
    var allUsers = false
    var yes = false
    var json = false

    static let info = CommandInfo(
        name: "cancel", summary: "cancel jobs",
        discussion: """
            A running job gets SIGTERM, a grace period (10 seconds unless the catalogue says otherwise), then SIGKILL; what it \
            printed stays in its log. The ids of the jobs that are being cancelled are printed. To cancel a job that has ended \
            is an error, and changes nothing.

            Jobs are named by their ids, or selected by what they are; a selection is shown, and asked about on a terminal. \
            Without --status it takes all that have not ended; without --user or --all-users only your own.
            """,
        examples: [
            ("phjob cancel @", "cancel your newest job"),
            ("phjob cancel --mine --status pending", "cancel all of your jobs that still wait, after a question"),
            ("phjob cancel --group lab --search sweep --yes", "cancel your own by name, without a question"),
            ("phjob cancel --group lab --user ben", "cancel what ben, of the same group, has not ended"),
        ])
    static let arguments: [ArgumentSpec<Self>] = [
        .positional("job", to: \.jobs, help: Selector.help, completion: .dynamic("jobs")),
        .group(\.options),
        .flag("--all-users", to: \.allUsers, help: "with a selection: also jobs of other people"),
        .flag("--yes", "-y", to: \.yes, help: "do not ask"),
        .flag("--json", to: \.json, help: "print the jobs that are being cancelled as a JSON list"),
    ]

    mutating func validate() throws(UsageError) {
        guard jobs.isEmpty else {
            if !options.isEmpty || allUsers {
                throw UsageError(.other("give ids, or options that select jobs, but not both"))
            }
            return
        }
        if allUsers, options.mine || !options.users.isEmpty {
            throw UsageError(.conflict("--all-users", options.mine ? "--mine" : "--user"))
        }
        if options.mine, !options.users.isEmpty { throw UsageError(.conflict("--mine", "--user")) }
        if options.isEmpty {
            throw UsageError(
                .other(
                    "which jobs? give their ids, or select them with --mine, --user, --group, --status, --search or --since"
                )
            )
        }
        if options.statuses.contains(where: { $0.phase.isFinal }) {
            throw UsageError(.other("only jobs that are pending, preparing or running can be cancelled"))
        }
    }

    func run(_ context: Context) throws -> Int32 {
        let client = try context.client()
        let selectors = jobs.isEmpty ? try selection(client, context) : jobs
        guard let selectors else { return 1 }
        return try context.change(selectors, json: json, failure: "cancelled") { try client.cancel($0) }
    }

    /// The selected jobs; nil if they are not to be cancelled after all.
    private func selection(_ client: APIClient, _ context: Context) throws -> [String]? {
        let now = context.now()
        var filter = options.filter(now: now)
        // Colleagues' jobs only for those who write that they mean them.
        if !allUsers, options.users.isEmpty { filter.isMine = true }
        if filter.phases.isEmpty { filter.phases = JobPhase.allCases.filter { !$0.isFinal } }
        let found = try client.allJobs(filter, limit: nil).items
        guard !found.isEmpty else {
            context.note(
                filter.isMine
                    ? "you have no such jobs to cancel; --user or --all-users selects other people's"
                    : "there are no such jobs to cancel")
            return []
        }
        if !yes {
            let lines = JobRows.table(found, now: now).lines(width: context.errors.terminal?.columns)
            let what = (found.count == 1 ? "this job" : "these \(found.count) jobs") + JobOwners(found).text
            guard context.input.isTerminal else {
                throw PhjobError(
                    .invalidRequest, "\(what) would be cancelled: \(found.map(\.id.text).joined(separator: " "))",
                    hint: "nothing was done; give --yes to do it without a question")
            }
            try? context.errors.write(lines.map { $0 + "\n" }.joined() + "Cancel \(what)? [y/N] ")
            guard ["y", "yes"].contains(context.input.readLine()?.lowercased() ?? "") else {
                context.note("nothing was cancelled")
                return nil
            }
        }
        return found.map(\.id.text)
    }
}
