import Foundation

/// What a worker tells of its inputs, one JSON object a line.
enum Finding: Codable, Equatable {
    /// A property does not hold for an input.
    case violation(input: Int, layer: String, message: String)
    /// How many inputs of a layer were good, and how many were refused by what reads them.
    case count(layer: String, accepted: Int, refused: Int)
    /// How much more memory the process has at its end than after its first inputs, in bytes.
    case growth(Int)

    /// Prints it at once.
    func print() {
        guard var line = try? JSONEncoder().encode(self) else { return }
        line.append(UInt8(ascii: "\n"))
        FileHandle.standardOutput.write(line)
    }

    /// Reads what ``print()`` printed.
    static func all(in bytes: [UInt8]) -> [Finding] {
        bytes.split(separator: UInt8(ascii: "\n")).compactMap {
            try? JSONDecoder().decode(Finding.self, from: Data($0))
        }
    }
}
