/// Takes numbers and texts from bytes, one after the other; nil where there are too few.
struct ByteReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var offset: Int

    init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        self.bytes = bytes
        self.offset = offset
    }

    /// A little-endian number.
    mutating func number<Number: FixedWidthInteger>() -> Number? {
        guard let end = end(after: MemoryLayout<Number>.size) else { return nil }
        defer { offset = end }
        return Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Number.self))
    }

    /// A text behind its length in bytes.
    mutating func text() -> String? {
        guard let length: UInt32 = number(), let end = end(after: Int(length)) else { return nil }
        defer { offset = end }
        return String(decoding: bytes[offset..<end], as: UTF8.self)
    }

    /// The offset `count` bytes on.
    func end(after count: Int) -> Int? {
        count <= bytes.count - offset ? offset + count : nil
    }
}
