/// The answer to a request; its body is read as it comes. Keeps its client's connection open.
package final class HTTPClientResponse {
    package let status: HTTPStatus
    package let headers: HTTPHeaders

    private let client: HTTPClient
    private var body: BodyDecoder
    /// What has been received of the present piece and not been given to the caller; valid until the next piece.
    private var piece = UnsafeRawBufferPointer(start: nil, count: 0)
    private var failure: HTTPError?

    init(head: ResponseHead, body: BodyDecoder, client: HTTPClient) {
        self.status = head.status
        self.headers = head.headers
        self.body = body
        self.client = client
    }

    /// The fields after a chunked body, once it has been read to its end.
    package var trailers: HTTPHeaders {
        body.trailers
    }

    /// Reads what is there of the body, waiting for at least one byte.
    ///
    /// - Parameters:
    ///   - buffer: not empty. From 64 KiB on, reading is as fast as the socket.
    ///   - timeout: nil waits without a bound.
    /// - Returns: how many bytes; 0 when the body is complete.
    /// - Throws: `HTTPError.truncated` when the connection ended before the body, `.interrupted`, `.timedOut`, after
    ///   which reading may go on; `.malformed`, `.closed`, `.systemCall`.
    package func read(into buffer: UnsafeMutableRawBufferPointer, timeout: Duration? = nil) throws(HTTPError) -> Int {
        guard try advance(until: Deadline(after: timeout)) else {
            return 0
        }
        let count = min(buffer.count, piece.count)
        buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: piece[..<count]))
        piece = UnsafeRawBufferPointer(rebasing: piece[count...])
        return count
    }

    /// The next piece of the body, as large as it has come (256 KiB at most); nil when the body is complete.
    ///
    /// - Throws: as `read(into:timeout:)`.
    package func next(timeout: Duration? = nil) throws(HTTPError) -> [UInt8]? {
        guard try advance(until: Deadline(after: timeout)) else {
            return nil
        }
        defer { piece = UnsafeRawBufferPointer(start: nil, count: 0) }
        return Array(piece)
    }

    /// The rest of the body.
    ///
    /// - Parameters:
    ///   - limit: in bytes.
    ///   - timeout: for all of it; nil waits without a bound.
    /// - Throws: `HTTPError.answerTooLarge`, and as `read(into:timeout:)`.
    package func readBody(limit: Int, timeout: Duration? = nil) throws(HTTPError) -> [UInt8] {
        let deadline = Deadline(after: timeout)
        var bytes: [UInt8] = []
        while try advance(until: deadline) {
            guard piece.count <= limit - bytes.count else {
                throw .answerTooLarge(limit: limit)
            }
            bytes.append(contentsOf: piece)
            piece = UnsafeRawBufferPointer(start: nil, count: 0)
        }
        return bytes
    }

    /// Makes sure that there is a piece to read from.
    ///
    /// - Returns: false when the body is complete.
    private func advance(until deadline: Deadline) throws(HTTPError) -> Bool {
        guard piece.isEmpty else {
            return true
        }
        if let failure {
            throw failure
        }
        do {
            return try client.readPiece(of: &body, until: deadline, into: &piece)
        } catch {
            if error != .interrupted && error != .timedOut {
                failure = error
            }
            throw error
        }
    }
}
