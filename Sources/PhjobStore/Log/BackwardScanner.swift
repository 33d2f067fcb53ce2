import Glibc
import PhjobSystem

/// Reads the records of a log file from its end, in blocks.
struct BackwardScanner {
    private let file: Descriptor
    private var block: [UInt8] = []
    private var blockStart: Int64

    init(_ file: Descriptor, size: Int64) {
        self.file = file
        blockStart = size
    }

    /// The offset at which the record begins that ends at `end` (with its line feed, if it has one).
    mutating func start(ofRecordBefore end: Int64) throws(SystemError) -> Int64 {
        var position = end - 1
        // The record's own line feed is not the one before it.
        while position > 0 {
            try load(position - 1)
            let index = Int(position - 1 - blockStart)
            if let found = block[...index].lastIndex(of: 0x0a) { return blockStart + Int64(found) + 1 }
            position = blockStart
        }
        return 0
    }

    mutating func bytes(_ start: Int64, _ count: Int) throws(SystemError) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        let got = try retrying("cannot read the log") { pread(file.number, &result, count, off_t(start)) }
        guard got == count else { throw SystemError("cannot read the log: it has become shorter", number: EIO) }
        return result
    }

    private mutating func load(_ position: Int64) throws(SystemError) {
        if position >= blockStart, position < blockStart + Int64(block.count) { return }
        let end = position + 1
        blockStart = max(0, end - (64 << 10))
        block = try bytes(blockStart, Int(end - blockStart))
    }
}
