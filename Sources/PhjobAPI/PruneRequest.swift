/// Which records an administrator wants removed.
package struct PruneRequest: Sendable, Equatable, Codable {
    /// Jobs that ended at least so long ago.
    package var olderThanSeconds: Int64
    /// Only of these groups; empty for all.
    package var groups: [String]
    /// Whether it is only to be said what would be removed.
    package var dryRun: Bool

    package init(olderThanSeconds: Int64, groups: [String] = [], dryRun: Bool) {
        self.olderThanSeconds = olderThanSeconds
        self.groups = groups
        self.dryRun = dryRun
    }
}
