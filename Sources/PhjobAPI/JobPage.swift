package import PhjobCore

/// One page of a list of jobs, newest first.
package struct JobPage: Sendable, Equatable, Codable {
    package var items: [JobView]
    /// Give it as `after` to get the next page; nil on the last.
    package var next: JobID?
    /// How many jobs fit in all.
    package var total: Int
    /// Changes whenever any job changes; give it to the endpoint of changes to wait for that.
    package var revision: UInt64

    package init(items: [JobView], next: JobID?, total: Int, revision: UInt64) {
        self.items = items
        self.next = next
        self.total = total
        self.revision = revision
    }
}
