import PhjobCore

/// What the catalogue allows one user, with what is usual where it says nothing.
struct CallerLimits: Sendable, Equatable {
    /// Waiting jobs of a user, and of all; nil for no bound.
    var userWaitingJobs: Int?
    var waitingJobs: Int?
    var submissionsPerMinute: Int?
    var connections: Int
    var userConnections: Int
    /// Logs that a user follows, and waits, at a time.
    var userStreams: Int

    /// One person on their own machine is kept from nothing that they do not forbid themselves.
    init(_ limits: Catalogue.Limits, _ mode: RunnerMode) {
        let isShared = mode == .system
        userWaitingJobs = limits.perUser.waitingJobs ?? (isShared ? 1000 : nil)
        waitingJobs = limits.waitingJobs ?? (isShared ? 20_000 : nil)
        submissionsPerMinute = limits.perUser.submissionsPerMinute ?? (isShared ? 600 : nil)
        connections = limits.connections ?? 512
        userConnections = limits.perUser.connections ?? (isShared ? 64 : connections)
        userStreams = limits.perUser.streams ?? (isShared ? 32 : connections)
    }
}
