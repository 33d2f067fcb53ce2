import PhjobCore

/// How many bytes of the audit each user may fill in a day (UTC), so that no user fills the disk with it.
///
/// A user has two shares, one of what was done and one of refusals: refusals cost a client nothing, and must not be a way to act
/// unrecorded. Entries beyond a share are counted, and the count is written when the day is over. Counts start at 0 with the runner.
struct AuditBudget {
    /// Bytes of each share: at 250 bytes a line, one entry every 3 s for a whole day.
    static let bytesPerShare = 8 << 20

    /// What happens to an entry.
    enum Verdict: Equatable {
        case write
        /// The share is used up by this entry: written are only the entries that say so.
        case announce
        /// Counted only.
        case count
    }

    /// Entries of one user that were only counted.
    struct Uncounted: Equatable {
        let uid: UInt32
        let user: String
        let count: Int
    }

    private struct Key: Hashable {
        let uid: UInt32
        let isRefusal: Bool
    }

    private struct Share {
        let user: String
        var bytes = 0
        var leftOut = 0
    }

    private let limit: Int
    private var day: Int64 = .min
    private var shares: [Key: Share] = [:]

    init(bytesPerShare: Int = Self.bytesPerShare) {
        limit = bytesPerShare
    }

    /// Begins a new day if `time` is not in the present one.
    ///
    /// - Returns: what was only counted until then, by uid.
    mutating func beginDay(of time: Timestamp) -> [Uncounted] {
        let found = time.milliseconds / 86_400_000
        guard found != day else { return [] }
        defer { day = found }
        return finish()
    }

    /// Ends the day.
    ///
    /// - Returns: what was only counted in it, by uid.
    mutating func finish() -> [Uncounted] {
        defer { shares = [:] }
        let left = shares.filter { $0.value.leftOut > 0 }
        let people = Dictionary(grouping: left, by: \.key.uid)
        return people.sorted { $0.key < $1.key }.map { uid, shares in
            Uncounted(
                uid: uid, user: shares[0].value.user, count: shares.reduce(0) { $0 + $1.value.leftOut })
        }
    }

    /// Takes an entry of `bytes`.
    mutating func take(uid: UInt32, user: String, isRefusal: Bool, bytes: Int) -> Verdict {
        let key = Key(uid: uid, isRefusal: isRefusal)
        var share = shares[key] ?? Share(user: user)
        defer { shares[key] = share }
        if share.leftOut == 0, share.bytes + bytes <= limit {
            share.bytes += bytes
            return .write
        }
        share.leftOut += 1
        return share.leftOut == 1 ? .announce : .count
    }
}
