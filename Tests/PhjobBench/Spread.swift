/// The median of some measurements, and the quartiles around it.
struct Spread: Equatable, Codable {
    let median: Double
    let lowerQuartile: Double
    let upperQuartile: Double
    let count: Int

    /// Nil if there is nothing measured.
    init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        median = Self.quantile(0.5, of: sorted)
        lowerQuartile = Self.quantile(0.25, of: sorted)
        upperQuartile = Self.quantile(0.75, of: sorted)
        count = values.count
    }

    /// The quantile by linear interpolation between the neighbours.
    private static func quantile(_ fraction: Double, of sorted: [Double]) -> Double {
        let place = fraction * Double(sorted.count - 1)
        let lower = Int(place)
        let upper = min(lower + 1, sorted.count - 1)
        return sorted[lower] + (sorted[upper] - sorted[lower]) * (place - Double(lower))
    }
}
