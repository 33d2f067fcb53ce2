import Glibc
package import PhjobSystem

/// Finds the last lines of a log file without reading the whole of it.
package enum LogTail {
    /// Where the last `count` lines begin.
    ///
    /// A line is what the job ended with a line feed, or what it has printed after the last one; records tagged `P` are
    /// parts.
    ///
    /// - Parameter beforeRead: called before each read with its number of bytes; what it throws ends the search.
    /// - Returns: the offset of the first record, and how many lines there are from there on, at most `count`.
    package static func position(
        ofLast count: Int, in file: Descriptor, beforeRead: @escaping (Int) throws -> Void = { _ in }
    ) throws -> (offset: Int64, lines: Int) {
        let size = Int64(try file.status().st_size)
        guard count > 0 else { return (size, 0) }
        var lines = 0
        var lineStart = size
        var recordEnd = size
        var isLast = true
        var scanner = BackwardScanner(file, size: size, beforeRead: beforeRead)
        // Records are visited from the last to the first; a line begins after the record that ends the line before it.
        while recordEnd > 0 {
            let start = try scanner.start(ofRecordBefore: recordEnd)
            let head = try scanner.bytes(start, min(Int(recordEnd - start), 128))
            recordEnd = start
            // What is no record is not shown, so it does not count.
            guard let endsLine = head.withUnsafeBytes({ LogRecord($0).map { !$0.isPartial } }) else { continue }
            if endsLine || isLast {
                if lines == count { return (lineStart, lines) }
                lines += 1
            }
            isLast = false
            lineStart = start
        }
        return (0, lines)
    }
}
