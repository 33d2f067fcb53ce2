/// For whom a runner runs jobs.
package enum RunnerMode: Sendable {
    /// For the one person that it runs as.
    case personal
    /// For everybody on this machine: it runs as root, and knows its callers by their Unix users.
    case system
}
