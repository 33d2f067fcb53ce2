import Glibc
import PhjobSystem

/// Writes what an engine prints as a log (`<time> <bytes>` a line) into a log file of ours, resuming where that file
/// ends.
///
/// docker repeats the last line when it is asked for a log since its time, so what the file has of that time is
/// skipped. It cuts lines after 16,384 bytes and puts a time before each piece, the same for all pieces of a line
/// (moby, `daemon/logger/copier.go`); the pieces become partial records again.
package struct EngineLogCollector {
    private let file: Descriptor
    /// The time of the last record that is in the file; nil if it is empty.
    package let lastTime: String?
    /// How many records of that time or later are in the file: as many will come again.
    private var repeated = 0
    private var pending: [UInt8] = []
    private var output: [UInt8] = []

    private static let pieceSize = 16 << 10
    /// `2026-11-21T07:27:33.123456789Z`, the form of Go's `time.RFC3339Nano` with all its digits.
    private static let timeLength = 30

    /// Opens the log file at `path`, and removes a last record that was torn.
    package init(path: String) throws {
        let file = try Descriptor(opening: path, flags: O_RDWR | O_CREAT | O_NOFOLLOW)
        self.file = file
        var end = Int64(try file.status().st_size)
        var scanner = BackwardScanner(file, size: end)
        if end > 0, try scanner.bytes(end - 1, 1) != [0x0a] {
            end = try scanner.start(ofRecordBefore: end)
            try retrying("cannot mend the log") { ftruncate(file.number, off_t(end)) }
        }
        lseek(file.number, 0, SEEK_END)
        var last: String?
        while end > 0 {
            let start = try scanner.start(ofRecordBefore: end)
            let head = try scanner.bytes(start, Int(min(end - start, 128)))
            end = start
            guard let time = head.withUnsafeBytes({ LogRecord($0).map { String(decoding: $0.time, as: UTF8.self) } })
            else { continue }
            last = last ?? time
            // Two streams are stamped side by side, so times may step back a little.
            guard let last, time >= last else { break }
            repeated += 1
        }
        lastTime = last
    }

    /// Takes the next bytes that the engine printed.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) throws {
        pending += bytes
        var start = 0
        while let end = pieceEnd(from: start) {
            writeRecord(start..<end.content, isPartial: end.isPartial)
            start = end.next
        }
        if start > 0 { pending.removeFirst(start) }
        try flush()
    }

    /// Takes what is left: a last line without a line feed. Not for an engine that broke off, which will say it again.
    package mutating func finish() throws {
        if pending.count > Self.timeLength { writeRecord(0..<pending.count, isPartial: true) }
        pending = []
        try flush()
    }

    /// fsync(2) of what was taken so far. The file's name becomes durable with the next save of the job's record.
    package func synchronize() throws { try file.synchronize() }

    private mutating func flush() throws {
        guard !output.isEmpty else { return }
        try file.write(output)
        output.removeAll(keepingCapacity: true)
    }

    /// Where the piece that begins at `start` ends; nil if that has not come yet.
    private func pieceEnd(from start: Int) -> (content: Int, next: Int, isPartial: Bool)? {
        let limit = start + Self.timeLength + 1 + Self.pieceSize
        let end = pending.withUnsafeBytes { bytes -> Int? in
            guard bytes.count > start else { return nil }
            return UnsafeRawBufferPointer(rebasing: bytes[start..<min(bytes.count, limit + 1)]).offset(of: 0x0a).map {
                start + $0
            }
        }
        if let end { return (end, end + 1, false) }
        // A whole piece without a line feed is followed by the time of the next.
        guard pending.count >= limit + Self.timeLength + 1 else { return nil }
        return (limit, limit, true)
    }

    private mutating func writeRecord(_ range: Range<Int>, isPartial: Bool) {
        let piece = pending[range]
        // What has no time is the client's own words, such as that it has lost the engine.
        guard Self.hasTime(piece) else { return }
        let time = piece.prefix(Self.timeLength)
        if let lastTime, time.lexicographicallyPrecedes(lastTime.utf8) { return }
        guard repeated == 0 else {
            repeated -= 1
            return
        }
        output += time
        output += (isPartial ? " stdout P " : " stdout F ").utf8
        output += piece.dropFirst(Self.timeLength + 1)
        output.append(0x0a)
    }

    /// Whether a time and a space begin `piece`.
    private static func hasTime(_ piece: ArraySlice<UInt8>) -> Bool {
        let shape = "0000-00-00T00:00:00.000000000Z ".utf8
        guard piece.count >= shape.count else { return false }
        return zip(shape, piece).allSatisfy { wanted, byte in
            wanted == UInt8(ascii: "0") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == wanted
        }
    }
}
