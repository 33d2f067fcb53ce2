/// How often to measure: so many times, but no more once the time is over. Once in any case.
struct Rounds {
    private let limit: Int
    private let deadline: Double
    private var done = 0

    /// - Parameter seconds: after which no round begins any more.
    init(_ limit: Int, within seconds: Double) {
        self.limit = limit
        deadline = Clock.now + seconds
    }

    /// The number of the next round, from 0 on; nil if there is none.
    mutating func next() -> Int? {
        guard done == 0 || (done < limit && Clock.now < deadline) else { return nil }
        defer { done += 1 }
        return done
    }
}
