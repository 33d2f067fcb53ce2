import Glibc
import PhjobCore
import Synchronization

/// The place of one request among its user's streams, taken when the request turns out to be a long one.
final class StreamPlace {
    private let quota: StreamQuota
    private let uid: uid_t
    private var place: StreamQuota.Place?

    init(_ quota: StreamQuota, uid: uid_t) {
        self.quota = quota
        self.uid = uid
    }

    /// - Throws: ``PhjobError`` of the code `tooManyRequests`.
    func take() throws(PhjobError) {
        if place == nil { place = try quota.take(uid) }
    }
}

/// How many requests each user has that go on for as long as they like: those that wait, those that follow a
/// log, and those that read much of one. Each of them holds a thread and descriptors of the runner.
final class StreamQuota: Sendable {
    /// The right to one such request. Given back with its last reference.
    final class Place: Sendable {
        private let quota: StreamQuota
        private let uid: uid_t

        fileprivate init(_ quota: StreamQuota, _ uid: uid_t) {
            self.quota = quota
            self.uid = uid
        }

        deinit {
            quota.giveBack(uid)
        }
    }

    private let limit: @Sendable (uid_t) -> Int?
    private let counts = Mutex<[uid_t: Int]>([:])

    /// - Parameter limit: how many a user may have now; nil for any number. Asked anew each time.
    init(limit: @escaping @Sendable (uid_t) -> Int?) {
        self.limit = limit
    }

    /// - Throws: ``PhjobError`` of the code `tooManyRequests`.
    func take(_ uid: uid_t) throws(PhjobError) -> Place {
        let limit = limit(uid) ?? .max
        let isTaken = counts.withLock { counts in
            guard counts[uid, default: 0] < limit else { return false }
            counts[uid, default: 0] += 1
            return true
        }
        guard isTaken else {
            throw PhjobError(
                .tooManyRequests,
                "you follow logs or wait in \(limit) places at once, which is all that one user may do here",
                hint: "end some of them; jobs go on without", retryAfter: 1)
        }
        return Place(self, uid)
    }

    /// How many a user has now.
    func count(of uid: uid_t) -> Int { counts.withLock { $0[uid, default: 0] } }

    private func giveBack(_ uid: uid_t) {
        counts.withLock { counts in
            let left = counts[uid, default: 1] - 1
            counts[uid] = left > 0 ? left : nil
        }
    }
}
