import Glibc
import PhjobSystem

/// Reads the records of a log file from its end, in blocks.
struct BackwardScanner {
    private let file: Descriptor
    /// Called before each read with its number of bytes; what it throws ends the scan.
    private let beforeRead: (Int) throws -> Void
    private var block: [UInt8] = []
    private var blockStart: Int64

    private static let blockSize = 256 << 10

    init(_ file: Descriptor, size: Int64, beforeRead: @escaping (Int) throws -> Void = { _ in }) {
        self.file = file
        self.beforeRead = beforeRead
        blockStart = size
    }

    /// The offset at which the record begins that ends at `end` (with its line feed, if it has one).
    mutating func start(ofRecordBefore end: Int64) throws -> Int64 {
        var position = end - 1
        // The record's own line feed is not the one before it.
        while position > 0 {
            try load(position - 1)
            let count = Int(position - blockStart)
            let found = block.withUnsafeBytes { UnsafeRawBufferPointer(rebasing: $0[..<count]).lastOffset(of: 0x0a) }
            if let found { return blockStart + Int64(found) + 1 }
            position = blockStart
        }
        return 0
    }

    func bytes(_ start: Int64, _ count: Int) throws -> [UInt8] {
        let offset = start - blockStart
        if offset >= 0, offset + Int64(count) <= Int64(block.count) {
            return Array(block[Int(offset)..<Int(offset) + count])
        }
        return try read(start, count)
    }

    private mutating func load(_ position: Int64) throws {
        if position >= blockStart, position < blockStart + Int64(block.count) { return }
        let end = position + 1
        let start = max(0, end - Int64(Self.blockSize))
        block = try read(start, Int(end - start))
        blockStart = start
    }

    private func read(_ start: Int64, _ count: Int) throws -> [UInt8] {
        try beforeRead(count)
        var result = [UInt8](repeating: 0, count: count)
        let got = try retrying("cannot read the log") { pread(file.number, &result, count, off_t(start)) }
        guard got == count else { throw SystemError("cannot read the log: it has become shorter", number: EIO) }
        return result
    }
}
