import PhjobSystem

/// Which uids are known to have an account, and which are known to have none: what can be decided about a new connection without
/// asking the user database, which may take seconds.
///
/// Uids without an account are those of containers: a user of rootless podman has 65,536 of them, and could otherwise connect as
/// each. Bounded in both directions.
struct PeerAccounts {
    /// Uids of each kind that are remembered.
    static let capacity = 4096
    /// Seconds after which a uid without an account is looked up again: it may have got one.
    static let timeOfAbsence = 60.0

    private var present: Set<UInt32> = []
    /// Until when each counts as absent.
    private var absent: [UInt32: Monotonic] = [:]

    /// Whether a uid has an account; `nil` if that is not known.
    func hasAccount(_ uid: UInt32, at now: Monotonic) -> Bool? {
        if present.contains(uid) { return true }
        return absent[uid].flatMap { now < $0 ? false : nil }
    }

    /// Remembers what the user database said of a uid.
    mutating func note(_ uid: UInt32, hasAccount: Bool, at now: Monotonic) {
        if hasAccount {
            absent[uid] = nil
            // Each of those that are forgotten costs one look-up.
            if present.count >= Self.capacity, !present.contains(uid) { present.removeAll() }
            present.insert(uid)
            return
        }
        present.remove(uid)
        if absent.count >= Self.capacity { absent = absent.filter { now < $0.value } }
        if absent.count >= Self.capacity { absent.removeAll() }
        absent[uid] = now.adding(seconds: Self.timeOfAbsence)
    }
}
