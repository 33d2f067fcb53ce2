package import PhjobCore

/// One page of a list of jobs, newest first. It may end before its limit, where jobs are large (``AnswerBudget``).
package struct JobPage: Sendable, Equatable, Codable {
    package var items: [JobView]
    /// Give it as `after` to get the next page; nil on the last.
    package var next: JobID?
    /// How many jobs fit in all.
    package var total: Int
    /// Changes whenever any job changes; give it to the endpoint of changes to wait for that.
    package var revision: UInt64
    /// What everybody should know who looks at jobs: that none is started now, and why.
    package var notice: String?

    package init(items: [JobView], next: JobID?, total: Int, revision: UInt64, notice: String? = nil) {
        self.items = items
        self.next = next
        self.total = total
        self.revision = revision
        self.notice = notice
    }
}
