/// Measurements of several peers, taken in turns, so that a machine that is busy for a while is busy for all of them.
struct Pairs {
    private(set) var values: [String: [Double]] = [:]

    /// Measures every peer once in each round; a round later the one that was first comes last.
    ///
    /// - Parameter peers: each with its name; what it returns is its measurement.
    static func measure(_ rounds: Rounds, _ peers: [(name: String, run: () throws -> Double)]) throws -> Pairs {
        var pairs = Pairs()
        var rounds = rounds
        while let round = rounds.next() {
            for index in peers.indices {
                let peer = peers[(index + round) % peers.count]
                pairs.values[peer.name, default: []].append(try peer.run())
            }
        }
        return pairs
    }

    subscript(name: String) -> [Double] { values[name] ?? [] }

    /// Round by round, one peer's measurement divided by another's.
    func ratios(_ name: String, to other: String) -> [Double] { zip(self[name], self[other]).map { $0 / $1 } }

    /// Round by round, one peer's measurement less another's.
    func differences(_ name: String, from other: String) -> [Double] { zip(self[name], self[other]).map { $0 - $1 } }

    /// The medians in words.
    func medians(_ names: [String], _ measure: Measure, scale: Double = 1) -> String {
        names.compactMap { name in
            Spread(self[name].map { $0 * scale }).map { "\(name) \(measure.text($0.median))" }
        }.joined(separator: ", ")
    }
}
