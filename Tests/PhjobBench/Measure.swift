/// What a number counts.
enum Measure: String, Codable {
    case ratio = "×"
    case milliseconds = "ms"
    case seconds = "s"
    case megabytes = "MB"
    case count = ""

    /// The number with as many digits as mean something, and its unit.
    func text(_ value: Double) -> String {
        switch self {
        case .ratio, .seconds, .milliseconds: "\(value.text(digits: 2)) \(rawValue)"
        case .megabytes: "\(value.text(digits: 1)) \(rawValue)"
        case .count: value.short
        }
    }
}

extension Double {
    /// With exactly so many digits after the point.
    func text(digits: Int) -> String {
        guard isFinite, magnitude < 1e12 else { return "\(self)" }
        let scale = (0..<digits).reduce(Int64(1)) { scale, _ in scale * 10 }
        let number = Int64((magnitude * Double(scale)).rounded())
        let sign = self < 0 && number != 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(number)" }
        let fraction = String(number % scale)
        return "\(sign)\(number / scale).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
    }

    /// Without a point where there is nothing after it.
    var short: String { self == rounded() ? text(digits: 0) : text(digits: 2) }
}
