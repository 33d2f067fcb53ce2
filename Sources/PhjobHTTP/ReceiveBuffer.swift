/// Memory for what a socket gives, taken from the front as it is understood.
final class ReceiveBuffer {
    private let memory: UnsafeMutableRawBufferPointer
    private var range = 0..<0

    init(capacity: Int) {
        memory = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        memory.deallocate()
    }

    /// What has been received and not taken. Valid until the next `fill`.
    var pending: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: memory[range])
    }

    /// Drops so many bytes from the front of `pending`.
    func take(_ count: Int) {
        range = (range.lowerBound + count)..<range.upperBound
    }

    /// Receives into the buffer, which must be empty: every reader here takes all it is given or is complete.
    ///
    /// - Throws: what `StreamSocket.receive` throws.
    func fill(
        from socket: StreamSocket, until deadline: Deadline, interrupt: Int32? = nil
    ) throws(HTTPError) -> StreamSocket.Received {
        range = 0..<0
        let received = try socket.receive(into: memory, until: deadline, interrupt: interrupt)
        if case .bytes(let count) = received {
            range = 0..<count
        }
        return received
    }
}
