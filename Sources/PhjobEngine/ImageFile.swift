import PhjobSystem

/// What an image has at a path.
package enum ImageFile: Sendable, Equatable {
    /// A regular file.
    case contents([UInt8])
    /// A regular file that is larger than what is read.
    case tooLarge
    /// A link, a directory, a device.
    case other

    /// Thrown to stop the reading of an archive whose rest says nothing more.
    struct EndOfInterest: Error {}

    /// The beginning of a tar archive that holds one file, as `cp … -` prints it.
    ///
    /// POSIX.1-2017, pax, "ustar Interchange Format": a block of 512 bytes with the size in octal at 124 and the type
    /// at 156, then the content. Extended headers (`x`, `g`; GNU's `L`, `K`) come before the file's own.
    struct Archive {
        private static let block = 512
        private static let headerLimit = 1 << 16
        private let limit: Int
        private var bytes: [UInt8] = []

        /// - Parameter limit: bytes of the file that are read.
        init(limit: Int) {
            self.limit = limit
        }

        /// - Throws: ``EndOfInterest`` if enough is there.
        mutating func append(_ new: UnsafeRawBufferPointer) throws {
            bytes += new
            if bytes.count > limit + Self.headerLimit || file == .tooLarge { throw EndOfInterest() }
        }

        /// The file; `nil` if it is not there as a whole.
        var file: ImageFile? {
            var start = 0
            while start + Self.block <= bytes.count, start <= Self.headerLimit {
                let header = bytes[start..<start + Self.block]
                guard let size = Self.number(header[(start + 124)..<(start + 136)]) else { return nil }
                let content = start + Self.block
                switch header[start + 156] {
                case UInt8(ascii: "x"), UInt8(ascii: "g"), UInt8(ascii: "L"), UInt8(ascii: "K"):
                    guard size <= Self.headerLimit else { return nil }
                    start = content + (size + Self.block - 1) / Self.block * Self.block
                case UInt8(ascii: "0"), 0:
                    guard size <= limit else { return .tooLarge }
                    return content + size <= bytes.count ? .contents(Array(bytes[content..<content + size])) : nil
                default:
                    return .other
                }
            }
            return nil
        }

        /// Octal digits up to a space or NUL; GNU's binary form is for sizes of 8 GiB and more.
        private static func number(_ field: ArraySlice<UInt8>) -> Int? {
            if let first = field.first, first & 0x80 != 0 { return Int.max }
            let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != UInt8(ascii: " ") && $0 != 0 }
            return Int(String(decoding: digits, as: UTF8.self), radix: 8)
        }
    }
}
