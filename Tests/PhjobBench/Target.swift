/// What a figure must reach.
enum Target: Equatable, Codable {
    case atMost(Double)
    case atLeast(Double)

    /// Whether a value reaches it.
    func isReached(by value: Double) -> Bool {
        switch self {
        case .atMost(let limit): value <= limit
        case .atLeast(let limit): value >= limit
        }
    }

    var text: String {
        switch self {
        case .atMost(let limit): "≤ \(limit.short)"
        case .atLeast(let limit): "≥ \(limit.short)"
        }
    }
}
