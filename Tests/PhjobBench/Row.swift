/// One line of the result.
struct Row: Codable {
    /// The number of the figure that it belongs to.
    let figure: Int
    let name: String
    let measure: Measure
    /// The measurements, one a round.
    let samples: [Double]
    /// Nil for a number that only explains another.
    let target: Target?
    /// In absolute numbers, what the ratio is one of.
    let detail: String

    init(
        _ figure: Int, _ name: String, _ measure: Measure, _ samples: [Double], _ target: Target? = nil,
        detail: String = ""
    ) {
        self.figure = figure
        self.name = name
        self.measure = measure
        self.samples = samples
        self.target = target
        self.detail = detail
    }

    var spread: Spread? { Spread(samples) }

    var verdict: Verdict {
        guard let target else { return .none }
        guard let median = spread?.median else { return .short }
        return target.isReached(by: median) ? .ok : .short
    }

    enum Verdict: String {
        case ok
        case short
        case none = ""
    }
}
