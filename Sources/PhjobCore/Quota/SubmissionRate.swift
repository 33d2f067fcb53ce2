/// How fast one user may submit: a bucket that holds a minute's worth, and fills evenly.
package struct SubmissionRate: Sendable, Equatable {
    private var used = 0.0
    private var time: Timestamp

    package init(at now: Timestamp) {
        time = now
    }

    /// Counts one submission.
    ///
    /// - Parameters:
    ///   - perMinute: how many are allowed in a minute.
    ///   - weight: for how many it counts; never for more than a minute's.
    /// - Returns: nil if it is allowed; else the seconds, 1 or more, after which it will be.
    package mutating func take(at now: Timestamp, perMinute: Int, weight: Int = 1) -> Int? {
        let weight = Double(min(max(weight, 1), perMinute))
        let perSecond = Double(perMinute) / 60
        // A clock that was set back fills nothing.
        used = max(0, used - max(0, now.seconds(since: time)) * perSecond)
        time = now
        guard used + weight > Double(perMinute) else {
            used += weight
            return nil
        }
        return max(1, Int(((used + weight - Double(perMinute)) / perSecond).rounded(.up)))
    }

    /// Whether nothing is left of what was counted.
    package func isFull(at now: Timestamp, perMinute: Int) -> Bool {
        used <= now.seconds(since: time) * Double(perMinute) / 60
    }
}
