import PhjobAPI
import PhjobCore

extension JobTable {
    /// The job that a selector names: an id, a beginning of one or of its last part, `@` or `@~<number>`.
    ///
    /// - Parameters:
    ///   - userName: whose newest job `@` is.
    ///   - isVisible: whether the caller may know of a job; others do not count.
    /// - Throws: ``PhjobError``.
    func find(_ selector: String, userName: String, isVisible: (JobSummary) -> Bool) throws(PhjobError) -> JobID {
        let shown = TerminalText.escaped(String(selector.prefix(100)))
        let hint = "see 'phjob list'"
        if selector.hasPrefix("@") {
            let back = selector == "@" ? 0 : selector.hasPrefix("@~") ? Int(selector.dropFirst(2)) ?? -1 : -1
            guard back >= 0 else {
                throw PhjobError(
                    .invalidRequest, "'\(shown)' names no job", hint: "write @ for your newest, @~1 for the one before")
            }
            let own = order.lazy.reversed().filter { summary($0)?.userName == userName }
            guard let id = own.dropFirst(back).first else {
                throw PhjobError(.notFound, "you have no \(back == 0 ? "jobs" : "job '\(shown)'")", hint: hint)
            }
            return id
        }
        if let id = JobID(selector) {
            guard let summary = summary(id), isVisible(summary) else {
                throw PhjobError(.notFound, "there is no job \(id)", hint: hint)
            }
            return id
        }
        let isSuffix =
            !selector.isEmpty && selector.utf8.count <= 6
            && JobID("job-000000000000-" + selector + String(repeating: "0", count: 6 - selector.utf8.count)) != nil
        guard JobID.isPrefix(selector) || isSuffix else {
            throw PhjobError(.invalidRequest, "'\(shown)' is not the beginning of a job id", hint: hint)
        }
        let matches = order.filter { id in
            (id.text.hasPrefix(selector) || (isSuffix && id.suffix.hasPrefix(selector)))
                && summary(id).map(isVisible) == true
        }
        guard let match = matches.last else {
            throw PhjobError(.notFound, "no job's id begins with '\(shown)'", hint: hint)
        }
        guard matches.count == 1 else {
            let some = matches.suffix(3).map(\.text).joined(separator: ", ")
            throw PhjobError(
                .ambiguous, "'\(shown)' fits \(matches.count) jobs, such as \(some)", hint: "write more of the id")
        }
        return match
    }

    /// The ids of one page of jobs, newest first, and how many fit in all.
    ///
    /// - Parameter groups: those whose jobs the caller may see.
    func page(_ filter: JobFilter, userName: String, groups: Set<String>) -> (ids: [JobID], total: Int, hasMore: Bool) {
        let wantedGroups = filter.groups.isEmpty ? groups : groups.intersection(filter.groups)
        let search = filter.search?.lowercased()
        let limit = filter.limit ?? JobFilter.maximumLimit
        var ids: [JobID] = []
        var total = 0
        var hasMore = false
        var hasPassed = filter.after == nil
        for id in order.reversed() {
            guard let summary = summary(id) else { continue }
            if let since = filter.since, summary.createTime < since { break }
            // One's own jobs stay in sight when one has left their group, or the catalogue has lost it.
            let isOwn = filter.isMine && filter.groups.isEmpty && summary.userName == userName
            guard isOwn || wantedGroups.contains(summary.groupName), !filter.isMine || summary.userName == userName,
                filter.phases.isEmpty || filter.phases.contains(summary.phase),
                search.map({ id.text.contains($0) || summary.displayName.lowercased().contains($0) }) ?? true
            else {
                if id == filter.after { hasPassed = true }
                continue
            }
            total += 1
            if !hasPassed {
                hasPassed = id == filter.after
            } else if ids.count < limit {
                ids.append(id)
            } else {
                hasMore = true
            }
        }
        return (ids, total, hasMore)
    }
}
