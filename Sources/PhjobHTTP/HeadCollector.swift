import Glibc

/// Collects the bytes of a message's head, or of its trailers, line by line, until the empty line, at whatever points
/// they are split.
///
/// One empty line before a head is skipped (RFC 9112, section 2.2); trailers may consist of the empty line alone.
struct HeadCollector: Sendable {
    private let limit: Int
    private let isTrailer: Bool
    /// What has come so far; when complete, every line with its CRLF, without the empty one.
    private(set) var bytes: [UInt8] = []
    private var lineStart = 0
    private var hasSkippedLine = false

    /// - Parameter limit: the bound of it all, in bytes, the empty line included.
    init(limit: Int, isTrailer: Bool = false) {
        self.limit = limit
        self.isTrailer = isTrailer
    }

    /// Whether nothing of a head has come.
    var isEmpty: Bool {
        bytes.isEmpty && !hasSkippedLine
    }

    /// Takes bytes up to the end of the head.
    ///
    /// - Returns: how many were taken, and whether the head is complete.
    /// - Throws: `HTTPError.headTooLarge`, `.targetTooLong`, `.malformed(.bareLineFeed)`, each as soon as it is known.
    mutating func feed(_ input: UnsafeRawBufferPointer) throws(HTTPError) -> (taken: Int, isComplete: Bool) {
        var taken = 0
        while taken < input.count {
            let rest = UnsafeRawBufferPointer(rebasing: input[taken...])
            let lineLength = rest.firstOffset(of: .lineFeed).map { $0 + 1 } ?? rest.count
            guard bytes.count + lineLength <= limit else {
                throw lineStart == 0 && !isTrailer ? .targetTooLong(limit: limit) : .headTooLarge(limit: limit)
            }
            bytes.append(contentsOf: rest[..<lineLength])
            taken += lineLength
            guard bytes.last == .lineFeed else {
                return (taken, false)
            }
            guard bytes.count >= lineStart + 2, bytes[bytes.count - 2] == .carriageReturn else {
                throw .malformed(.bareLineFeed)
            }
            guard bytes.count == lineStart + 2 else {
                lineStart = bytes.count
                continue
            }
            bytes.removeLast(2)
            if lineStart > 0 || isTrailer {
                return (taken, true)
            }
            guard !hasSkippedLine else {
                throw .malformed(.requestLine)
            }
            hasSkippedLine = true
        }
        return (taken, false)
    }
}

extension UnsafeRawBufferPointer {
    /// Where a byte first occurs.
    func firstOffset(of byte: UInt8) -> Int? {
        guard let start = baseAddress, let found = memchr(start, Int32(byte), count) else {
            return nil
        }
        return UnsafeRawPointer(found) - start
    }
}
