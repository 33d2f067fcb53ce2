/// Finds the body in the bytes that follow a head, whichever way its end is known.
struct BodyDecoder: Sendable {
    private enum State {
        /// Bytes still to come.
        case length(Int)
        case chunked(ChunkDecoder)
        case untilClose
    }

    private var state: State

    init(_ framing: BodyFraming, limits: HTTPLimits) {
        state =
            switch framing {
            case .length(let count): .length(count)
            case .chunked: .chunked(ChunkDecoder(headLimit: limits.headBytes, fieldLimit: limits.fieldCount))
            case .untilClose: .untilClose
            }
    }

    /// Whether the whole body has been read. Never true for a body that ends with the connection.
    var isComplete: Bool {
        switch state {
        case .length(let remaining): remaining == 0
        case .chunked(let decoder): decoder.isComplete
        case .untilClose: false
        }
    }

    /// Whether the end of the connection is a proper end at this point.
    var mayEnd: Bool {
        if case .untilClose = state { true } else { isComplete }
    }

    /// How many more bytes of the body are certain to follow, if the sender keeps its word.
    var announced: Int {
        switch state {
        case .length(let remaining): remaining
        case .chunked(let decoder): decoder.remainingInChunk
        case .untilClose: 0
        }
    }

    /// The fields after a chunked body; empty before its end, and for any other.
    var trailers: HTTPHeaders {
        if case .chunked(let decoder) = state { decoder.trailers } else { HTTPHeaders() }
    }

    /// Reads on to the end of the next piece of the body, to the end of the whole, or to the end of the input.
    ///
    /// - Returns: how many bytes were taken, and which of them are a piece of the body.
    /// - Throws: what `ChunkDecoder.next` throws.
    mutating func next(_ input: UnsafeRawBufferPointer) throws(HTTPError) -> (taken: Int, data: Range<Int>) {
        switch state {
        case .length(let remaining):
            let count = min(remaining, input.count)
            state = .length(remaining - count)
            return (count, 0..<count)
        case .untilClose:
            return (input.count, 0..<input.count)
        case .chunked(var decoder):
            defer { state = .chunked(decoder) }
            return try decoder.next(input)
        }
    }
}
