import PhjobCore

/// What those who wait are told, as of the last plan.
struct Outlook: Equatable {
    /// Why nothing is started now, whatever is free.
    struct Hold: Equatable {
        var reason: JobReason
        var message: String
    }

    var hold: Hold?
    /// The jobs that wait for their turn, in its order.
    var waiting: [JobID] = []
    /// The groups whose jobs wait for a volume or dataset that cannot be reached, and why.
    var absences: [String: String] = [:]
    /// The jobs that are over a quota, and over which.
    var overQuota: [JobID: OverQuota] = [:]
    /// What the first that waits for its turn waits for.
    var shortage: String?
}
