import PhjobAPI
import PhjobArguments
import PhjobCore

/// Which jobs are meant, by what they are.
struct ListOptions: ArgumentGroup {
    var groups: [String] = []
    var mine = false
    var users: [String] = []
    var statuses: [StatusArgument] = []
    var search: SearchArgument?
    var since: SinceArgument?

    static let arguments: [ArgumentSpec<Self>] = [
        .section(
            "Which jobs",
            [
                .option(
                    "--group", "-g", to: \.groups, value: "name",
                    help: "only jobs of this group", default: "all groups that you belong to",
                    completion: .dynamic("groups")),
                .flag("--mine", "-m", to: \.mine, help: "only your own"),
                .option("--user", "-u", to: \.users, value: "name", help: "only jobs of this user; can be repeated"),
                .option("--status", "-s", to: \.statuses, help: "only jobs in this phase"),
                .option(
                    "--search", to: \.search, value: "text",
                    help: "only jobs with this in their id or name, in any case"),
                .option(
                    "--since", to: \.since,
                    help: "only jobs made since then: \(SinceArgument.forms)"),
            ])
    ]

    var isEmpty: Bool {
        groups.isEmpty && !mine && users.isEmpty && statuses.isEmpty && search == nil && since == nil
    }

    func filter(now: Timestamp) -> JobFilter {
        var filter = JobFilter()
        filter.groups = groups
        filter.isMine = mine
        filter.users = users
        filter.phases = statuses.map(\.phase)
        filter.search = search?.text
        filter.since = since?.time(now: now)
        return filter
    }
}

extension APIClient {
    /// As many jobs as wanted, page by page.
    ///
    /// - Parameter limit: nil for all of them.
    func allJobs(_ filter: JobFilter, limit: Int?) throws -> JobPage {
        var filter = filter
        var rest = limit ?? .max
        filter.limit = min(rest, JobFilter.maximumLimit)
        var result = try jobs(filter)
        rest -= result.items.count
        // Where a page goes on after a job that was removed meanwhile, it may show some again.
        var known = Set(result.items.map(\.id))
        while let next = result.next, rest > 0 {
            filter.after = next
            filter.limit = min(rest, JobFilter.maximumLimit)
            let page = try jobs(filter)
            let new = page.items.filter { known.insert($0.id).inserted }
            result.items += new
            result.next = page.next
            rest -= new.count
            if page.items.isEmpty { break }
        }
        return result
    }
}
