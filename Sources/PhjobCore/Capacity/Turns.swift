/// Who was served when: the order in which people last got a job started.
///
/// Numbers and no times, so that a clock that was wrong for a while takes no turns away.
package struct Turns: Sendable, Equatable {
    private var numbers: [String: Int] = [:]
    /// The number of the latest turn; 0 if there was none.
    private(set) var latest = 0

    package init() {}

    /// - Parameter starts: when each user last got a job started, by their name.
    package init(_ starts: [String: Timestamp]) {
        for (userName, _) in starts.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) { take(userName) }
    }

    /// Notes that a job of this user got its share of the node.
    package mutating func take(_ userName: String) {
        latest += 1
        numbers[userName] = latest
    }

    /// The number of a user's latest turn; 0 if they never had one.
    func number(of userName: String) -> Int { numbers[userName] ?? 0 }
}
