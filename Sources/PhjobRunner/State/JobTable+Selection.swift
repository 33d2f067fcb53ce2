import PhjobAPI
import PhjobCore

extension JobTable {
    /// The job that a selector names: an id, a beginning of one or of its last part, `@` or `@~<number>`.
    ///
    /// - Parameters:
    ///   - owner: whose newest job `@` is.
    ///   - isVisible: whether the caller may know of a job; others do not count.
    /// - Throws: ``PhjobError``.
    func find(_ selector: String, owner: JobOwner, isVisible: (JobSummary) -> Bool) throws(PhjobError) -> JobID {
        let shown = TerminalText.quoted(selector)
        let hint = "see 'phjob list'"
        if selector.hasPrefix("@") {
            let back = selector == "@" ? 0 : selector.hasPrefix("@~") ? Int(selector.dropFirst(2)) ?? -1 : -1
            guard back >= 0 else {
                throw PhjobError(
                    .invalidRequest, "'\(shown)' names no job", hint: "write @ for your newest, @~1 for the one before")
            }
            let own = summaries.lazy.reversed().filter { $0.owner == owner }
            guard let summary = own.dropFirst(back).first else {
                throw PhjobError(.notFound, "you have no \(back == 0 ? "jobs" : "job '\(shown)'")", hint: hint)
            }
            return summary.id
        }
        if let id = JobID(selector) {
            guard let summary = summary(id), isVisible(summary) else {
                throw PhjobError(.notFound, "there is no job \(id)", hint: hint)
            }
            return id
        }
        let range = JobID.range(withPrefix: selector)
        let suffixes = JobID.suffixNumbers(beginningWith: selector)
        guard range != nil || suffixes != nil else {
            throw PhjobError(.invalidRequest, "'\(shown)' is not the beginning of a job id", hint: hint)
        }
        var count = 0
        var newest: [JobID] = []
        // A summary is not copied before it is known to fit: that takes longer than to look at it.
        for position in summaries.indices.reversed() {
            let id = summaries[position].id
            guard range?.contains(id) == true || suffixes?.contains(id.suffixNumber) == true,
                isVisible(summaries[position])
            else { continue }
            count += 1
            if newest.count < 3 { newest.append(id) }
        }
        guard let match = newest.first else {
            throw PhjobError(.notFound, "no job's id begins with '\(shown)'", hint: hint)
        }
        guard count == 1 else {
            let some = newest.reversed().map(\.text).joined(separator: ", ")
            throw PhjobError(
                .ambiguous, "'\(shown)' fits \(count) jobs, such as \(some)", hint: "write more of the id")
        }
        return match
    }

    /// The ids of one page of jobs, newest first, and how many fit in all.
    ///
    /// A job to go on after that the caller may not see is like one that does not exist, as one that was removed since the
    /// page before: then only its minute is known, so that jobs of that minute may be shown twice, and none is left out.
    ///
    /// - Parameter visibleGroups: those whose jobs the caller may see; nil for all jobs.
    func page(
        _ filter: JobFilter, owner: JobOwner, visibleGroups: Set<String>?
    ) -> (ids: [JobID], total: Int, hasMore: Bool) {
        let selection = Selection(filter, owner: owner, visibleGroups: visibleGroups)
        // Where the counts say how many there are, only the page itself is looked for.
        let counted = selection.isByKind ? counts.reduce(0) { $0 + (selection.allows($1.key) ? $1.value : 0) } : nil
        let limit = filter.limit ?? JobFilter.maximumLimit
        var ids: [JobID] = []
        var total = 0
        var hasMore = false
        let end = filter.after.map { self.end(of: $0, selection) } ?? summaries.count
        for position in (counted == nil ? summaries.indices : 0..<end).reversed() {
            let summary = summaries[position]
            if let since = filter.since, summary.createTime < since { break }
            guard selection.allows(summary) else { continue }
            total += 1
            if position >= end { continue }
            if ids.count < limit {
                ids.append(summary.id)
            } else {
                hasMore = true
                if counted != nil { break }
            }
        }
        return (ids, counted ?? total, hasMore)
    }

    /// How many jobs come before one in time, as far as the caller may know.
    private func end(of id: JobID, _ selection: Selection) -> Int {
        if let position = positions[id], selection.isVisible(summaries[position]) { return position }
        // From the newest on, which is where most pages are. A clock that was set back sets no time of creation back.
        return summaries.lastIndex { $0.id.minute <= id.minute }.map { $0 + 1 } ?? 0
    }

    /// Which jobs a filter lets through, for one caller.
    private struct Selection {
        private let filter: JobFilter
        private let owner: JobOwner
        /// Nil for all.
        private let visibleGroups: Set<String>?
        /// Nil for all.
        private let groups: Set<String>?
        private let users: Set<String>
        private let search: TextSearch?

        init(_ filter: JobFilter, owner: JobOwner, visibleGroups: Set<String>?) {
            self.filter = filter
            self.owner = owner
            self.visibleGroups = visibleGroups
            groups =
                filter.groups.isEmpty
                ? visibleGroups : visibleGroups?.intersection(filter.groups) ?? Set(filter.groups)
            users = Set(filter.users)
            search = filter.search.map(TextSearch.init)
        }

        /// Whether it asks for nothing but what jobs are counted by.
        var isByKind: Bool { search == nil && filter.since == nil }

        /// Whether the caller may know of a job, whatever the filter says.
        func isVisible(_ summary: JobSummary) -> Bool {
            summary.owner == owner || visibleGroups?.contains(summary.groupName) ?? true
        }

        func allows(_ kind: Kind) -> Bool {
            let isMine = kind.owner == owner
            // One's own jobs stay in sight when one has left their group, or the catalogue has lost it.
            let isOwn = filter.isMine && filter.groups.isEmpty && isMine
            return (isOwn || groups?.contains(kind.groupName) ?? true) && (isMine || !filter.isMine)
                && (users.isEmpty || users.contains(kind.owner.name))
                && (filter.phases.isEmpty || filter.phases.contains(kind.phase))
        }

        func allows(_ summary: JobSummary) -> Bool {
            guard allows(Kind(summary)) else { return false }
            guard let search else { return true }
            return search.isFound(in: summary.displayName) || search.isFound(in: summary.id.text)
        }
    }
}
