/// An amount of processor time in thousandths of a CPU, so that sums stay exact.
package struct CPUAmount: Sendable, Hashable, Comparable {
    package var milli: Int64

    package init(milli: Int64) {
        self.milli = milli
    }

    /// - Throws: ``InvalidValue`` unless `cpus` is between 0.001 and a million.
    package init(cpus: Double) throws(InvalidValue) {
        guard cpus.isFinite, cpus >= 0.001, cpus <= 1_000_000 else {
            throw InvalidValue("\(cpus) is not a number of CPUs between 0.001 and 1000000")
        }
        milli = Int64((cpus * 1000).rounded())
    }

    package var cpus: Double { Double(milli) / 1000 }

    package static func < (left: CPUAmount, right: CPUAmount) -> Bool { left.milli < right.milli }
}

extension CPUAmount: CustomStringConvertible {
    /// `2`, `0.5`: the shortest decimal, as the engines' `--cpus` takes it.
    package var description: String { milli % 1000 == 0 ? "\(milli / 1000)" : "\(cpus)" }
}

extension CPUAmount: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            try self.init(cpus: container.decode(Double.self))
        } catch let error as InvalidValue {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(cpus)
    }
}
