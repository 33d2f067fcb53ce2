import PhjobStore
import PhjobTestSupport

/// The bytes of a log file together with what the job printed to make them.
struct LogSample {
    private(set) var file: [UInt8] = []
    private(set) var printed: [UInt8] = []
    private var number = 0

    /// The time of record `number`; it grows by a millisecond a record.
    static func time(_ number: Int) -> String {
        let digits = { (value: Int, count: Int) in String(String(value + 1_000_000_000).suffix(count)) }
        let (minute, second) = (digits(number / 60_000 % 60, 2), digits(number / 1000 % 60, 2))
        return "2026-11-21T07:\(minute):\(second).\(digits(number % 1000, 3))000001+00:00"
    }

    mutating func record(_ content: [UInt8], isPartial: Bool = false, stream: String = "stdout") {
        file += "\(Self.time(number)) \(stream) \(isPartial ? "P" : "F") ".utf8 + content + [0x0a]
        printed += isPartial ? content : content + [0x0a]
        number += 1
    }

    mutating func record(_ content: String, isPartial: Bool = false) {
        record(Array(content.utf8), isPartial: isPartial)
    }

    /// What is in the file and was not printed: no record at all.
    mutating func garbage(_ bytes: [UInt8]) {
        file += bytes + [0x0a]
    }

    /// A log as the engine would write it of a job that prints any bytes in pieces of any size.
    init(records: Int = 0, garbage: Bool = false, using random: inout SeededGenerator) {
        for _ in 0..<records {
            if garbage, Int.random(in: 0..<10, using: &random) == 0 {
                let kinds = ["", "x", "2026-11-21T07", "a b F c", String(repeating: "z", count: 200)]
                self.garbage(Array(kinds[Int.random(in: 0..<kinds.count, using: &random)].utf8))
            }
            let isPartial = Int.random(in: 0..<4, using: &random) == 0
            let lengths = [0, 1, 5, 60, 300]
            let length = max(isPartial ? 1 : 0, lengths[Int.random(in: 0..<lengths.count, using: &random)])
            let content = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }.map {
                $0 == 0x0a ? 0x20 : $0
            }
            record(content, isPartial: isPartial, stream: Bool.random(using: &random) ? "stdout" : "stderr")
        }
    }

    init() {}

    /// The last lines of what was printed: each with its line feed, the very last perhaps without.
    static func lines(_ printed: [UInt8]) -> [[UInt8]] {
        var lines = printed.split(separator: 0x0a, omittingEmptySubsequences: false).map { Array($0) + [0x0a] }
        let last: [UInt8] = lines.removeLast().dropLast()
        return last.isEmpty ? lines : lines + [last]
    }
}

extension LogRenderer {
    /// What the renderer makes of `bytes`, given to it in pieces of `size`.
    static func render(_ bytes: [UInt8], _ options: Options = Options(), piece size: Int = .max) -> [UInt8] {
        var renderer = LogRenderer(options)
        var result: [UInt8] = []
        var start = 0
        while start < bytes.count {
            let end = start + min(size, bytes.count - start)
            bytes[start..<end].withUnsafeBytes { piece in renderer.append(piece) { result.append(contentsOf: $0) } }
            start = end
        }
        renderer.finish { result.append(contentsOf: $0) }
        return result
    }
}
