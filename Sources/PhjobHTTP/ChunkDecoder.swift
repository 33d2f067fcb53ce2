/// Takes a chunked body apart (RFC 9112, section 7.1), at whatever points it is split, without copying it.
struct ChunkDecoder: Sendable {
    private enum State: Equatable {
        /// Digits so far.
        case size(value: Int, digits: Int)
        case chunkExtension
        case sizeLineFeed
        /// Bytes left of the chunk.
        case data(Int)
        case dataCarriageReturn
        case dataLineFeed
        case trailers
        case end
    }

    /// The bound of the rest of a line after a chunk's size, in bytes.
    static let extensionLimit = 1024
    /// By how much what stands between the pieces may exceed what ordinary senders put there, in bytes: else a body of a few bytes
    /// could keep a server reading for as long as a body may take.
    static let overheadLimit = 16 * 1024
    /// What a line with a chunk's size has ordinarily, with its line end.
    private static let ordinaryLine = 16

    private let fieldLimit: Int
    private var state = State.size(value: 0, digits: 0)
    private var chunkSize = 0
    private var extensionBytes = 0
    private var lineBytes = 0
    private var overhead = 0
    private var collector: HeadCollector
    /// The fields after the last chunk; empty until the end.
    private(set) var trailers = HTTPHeaders()

    /// - Parameters:
    ///   - headLimit: the bound of the trailers, in bytes.
    ///   - fieldLimit: the bound of their number.
    init(headLimit: Int, fieldLimit: Int) {
        self.fieldLimit = fieldLimit
        self.collector = HeadCollector(limit: headLimit, isTrailer: true)
    }

    var isComplete: Bool {
        state == .end
    }

    /// How many bytes of the present chunk are still to come; 0 outside one.
    var remainingInChunk: Int {
        if case .data(let count) = state { count } else { 0 }
    }

    /// Reads on to the end of the next piece of the body, to the end of the whole, or to the end of the input.
    ///
    /// - Returns: how many bytes were taken, and which of them are a piece of the body; none if the input ended before.
    /// - Throws: `HTTPError.malformed`, `.headTooLarge` and `.tooManyFields` for trailers.
    mutating func next(_ input: UnsafeRawBufferPointer) throws(HTTPError) -> (taken: Int, data: Range<Int>) {
        var index = 0
        while index < input.count {
            switch state {
            case .data(let remaining):
                let end = index + min(remaining, input.count - index)
                state = end - index == remaining ? .dataCarriageReturn : .data(remaining - (end - index))
                return (end, index..<end)
            case .trailers:
                let (taken, isEnd) = try collector.feed(UnsafeRawBufferPointer(rebasing: input[index...]))
                index += taken
                if isEnd {
                    trailers = try FieldSection.parse(FieldSection.lines(collector.bytes), limit: fieldLimit)
                    state = .end
                }
            case .end:
                return (index, index..<index)
            default:
                try takeFraming(input[index])
                index += 1
            }
        }
        return (index, index..<index)
    }

    /// One byte of what stands between the pieces.
    private mutating func takeFraming(_ byte: UInt8) throws(HTTPError) {
        lineBytes += 1
        switch state {
        case .size(let value, let digits):
            try takeSize(byte, value: value, digits: digits)
        case .chunkExtension:
            extensionBytes += 1
            if byte == .carriageReturn {
                state = .sizeLineFeed
            } else if !byte.isFieldContent || extensionBytes > Self.extensionLimit {
                throw .malformed(.chunkExtension)
            }
        case .sizeLineFeed:
            guard byte == .lineFeed else {
                throw .malformed(.chunkSize)
            }
            overhead = max(0, overhead + lineBytes - Self.ordinaryLine - min(chunkSize, Self.overheadLimit) * 2)
            guard overhead <= Self.overheadLimit else {
                throw .malformed(.chunkOverhead)
            }
            lineBytes = 0
            state = chunkSize == 0 ? .trailers : .data(chunkSize)
        case .dataCarriageReturn:
            guard byte == .carriageReturn else {
                throw .malformed(.chunkEnd)
            }
            state = .dataLineFeed
        case .dataLineFeed:
            guard byte == .lineFeed else {
                throw .malformed(.chunkEnd)
            }
            state = .size(value: 0, digits: 0)
        case .data, .trailers, .end:
            break
        }
    }

    private mutating func takeSize(_ byte: UInt8, value: Int, digits: Int) throws(HTTPError) {
        if let digit = byte.hexadecimalValue {
            // 16 digits at most, leading zeros included.
            guard value <= Int.max >> 4, digits < 16 else {
                throw .malformed(.chunkSize)
            }
            state = .size(value: value << 4 | Int(digit), digits: digits + 1)
            return
        }
        guard digits > 0 else {
            throw .malformed(.chunkSize)
        }
        chunkSize = value
        extensionBytes = 0
        switch byte {
        case .carriageReturn: state = .sizeLineFeed
        case UInt8(ascii: ";"): state = .chunkExtension
        default: throw .malformed(.chunkSize)
        }
    }
}
