/// Writes the body of an answer piece by piece (chunked, RFC 9112, section 7.1).
///
/// Each piece goes out at once; a caller with many small pieces gathers them first. A client that takes nothing for
/// `HTTPLimits.writeTime` is cut.
package final class HTTPBodyWriter {
    private enum State {
        case open
        case finished
        case failed(HTTPError)
    }

    private let socket: StreamSocket
    private let isChunked: Bool
    private let omitsBody: Bool
    private let stallTime: Duration
    private var state = State.open

    init(socket: StreamSocket, isChunked: Bool, omitsBody: Bool, stallTime: Duration) {
        self.socket = socket
        self.isChunked = isChunked
        self.omitsBody = omitsBody
        self.stallTime = stallTime
    }

    var isFinished: Bool {
        if case .finished = state { true } else { false }
    }

    /// Sends a piece of any size; an empty one is nothing.
    ///
    /// - Throws: `HTTPError.closed` when the client has gone, `.writeTimedOut` when it does not read, `.systemCall`,
    ///   all of them for every later call too; `.alreadyAnswered` after `finish`.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(HTTPError) {
        guard !bytes.isEmpty && !omitsBody else {
            return try checkOpen()
        }
        guard isChunked else {
            return try send([bytes])
        }
        // The size of the chunk and its end go out with the data: one system call in all.
        let size = Array((String(bytes.count, radix: 16) + "\r\n").utf8)
        let end: [UInt8] = [.carriageReturn, .lineFeed]
        try size.withUnsafeBufferPointer { (size) throws(HTTPError) in
            try end.withUnsafeBufferPointer { (end) throws(HTTPError) in
                try send([UnsafeRawBufferPointer(size), bytes, UnsafeRawBufferPointer(end)])
            }
        }
    }

    /// As `write(_:)`, from an array.
    package func write(_ bytes: [UInt8]) throws(HTTPError) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(HTTPError) in
            try write(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Says that the body is complete.
    ///
    /// - Parameter trailers: fields that are known only now; not sent to an HTTP/1.0 client.
    /// - Throws: as `write(_:)`.
    package func finish(trailers: HTTPHeaders = [:]) throws(HTTPError) {
        if isChunked && !omitsBody {
            var bytes = Array("0\r\n".utf8)
            trailers.write(to: &bytes)
            bytes.append(contentsOf: [.carriageReturn, .lineFeed])
            try sendHead(bytes)
        } else {
            try checkOpen()
        }
        state = .finished
    }

    func sendHead(_ bytes: [UInt8]) throws(HTTPError) {
        try bytes.withUnsafeBufferPointer { (buffer) throws(HTTPError) in
            try send([UnsafeRawBufferPointer(buffer)])
        }
    }

    private func checkOpen() throws(HTTPError) {
        switch state {
        case .open: return
        case .finished: throw .alreadyAnswered
        case .failed(let error): throw error
        }
    }

    private func send(_ pieces: [UnsafeRawBufferPointer]) throws(HTTPError) {
        try checkOpen()
        do {
            try socket.send(pieces, stallTime: stallTime)
        } catch {
            state = .failed(error)
            throw error
        }
    }
}
