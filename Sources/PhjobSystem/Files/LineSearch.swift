import Glibc

/// Binary search in a file whose lines are in order, such as the times of a log.
///
/// It reads a few blocks, however long the file is. Where lines are out of order it finds one of the places that fit.
package struct LineSearch {
    private let file: Descriptor
    private let size: Int64
    /// Called before each read with its number of bytes; what it throws ends the search.
    private let beforeRead: (Int) throws -> Void

    /// A range of the file that is no longer than this is read line by line.
    private static let block = 16 << 10

    package init(_ file: Descriptor, beforeRead: @escaping (Int) throws -> Void = { _ in }) throws(SystemError) {
        self.file = file
        size = Int64(try file.status().st_size)
        self.beforeRead = beforeRead
    }

    /// The offset of the first line that is not before what is searched for; the file's size if there is none.
    ///
    /// - Parameter isBefore: gets a line without its line feed; `nil` for one that cannot be compared, which is passed over.
    /// - Throws: ``SystemError``, or what `beforeRead` threw.
    package func offset(isBefore: (UnsafeRawBufferPointer) -> Bool?) throws -> Int64 {
        // Every line before `low` is before; the line at `found` is not.
        var (low, high, found) = (Int64(0), size, size)
        while high - low > Int64(Self.block) {
            let middle = low + (high - low) / 2
            if let line = try first(from: middle, startingBefore: high, isWhole: false, isBefore) {
                if line.isBefore { low = line.end } else { (high, found) = (middle, line.start) }
            } else {
                high = middle
            }
        }
        // Lines that are before are passed over like those that cannot be compared: one read serves all of its lines.
        let rest = try first(from: low, startingBefore: high, isWhole: true) { isBefore($0) == false ? false : nil }
        return rest?.start ?? found
    }

    private typealias Line = (start: Int64, end: Int64, isBefore: Bool)

    /// The first line that can be compared among those that begin at `position` or later.
    ///
    /// - Parameter isWhole: whether a line begins at `position` itself.
    private func first(
        from position: Int64, startingBefore limit: Int64, isWhole: Bool,
        _ isBefore: (UnsafeRawBufferPointer) -> Bool?
    ) throws -> Line? {
        var (position, isWhole, length) = (position, isWhole, Self.block)
        while position < limit {
            let bytes = try read(at: position, length)
            guard !bytes.isEmpty else { return nil }
            var start = 0
            let found = bytes.withUnsafeBytes { bytes -> Line? in
                while position + Int64(start) < limit {
                    let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
                    guard let end = rest.offset(of: 0x0a) else { return nil }
                    let line = UnsafeRawBufferPointer(rebasing: rest[..<end])
                    if isWhole, let isBefore = isBefore(line) {
                        return (position + Int64(start), position + Int64(start + end + 1), isBefore)
                    }
                    isWhole = true
                    start += end + 1
                }
                return nil
            }
            if let found { return found }
            // A last line without a line feed has not come whole: it cannot be compared.
            if start == 0, position + Int64(bytes.count) >= size { return nil }
            length = start == 0 ? length * 2 : Self.block
            position += Int64(start)
        }
        return nil
    }

    private func read(at position: Int64, _ length: Int) throws -> [UInt8] {
        try beforeRead(length)
        var bytes = [UInt8](repeating: 0, count: length)
        let count = try retrying("cannot search a file") { pread(file.number, &bytes, length, off_t(position)) }
        return Array(bytes[..<count])
    }
}
