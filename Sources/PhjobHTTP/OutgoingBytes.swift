import Glibc

/// What is still to be sent of a message that lies in several pieces of memory, in one system call where it fits.
///
/// The memory must stay where it is while this lives.
struct OutgoingBytes {
    private var vectors: [iovec]
    private var first = 0

    init(_ pieces: [UnsafeRawBufferPointer]) {
        // `iovec` serves reading too, hence the mutating pointer; `sendmsg` does not write through it.
        vectors = pieces.filter { !$0.isEmpty }.map {
            iovec(iov_base: UnsafeMutableRawPointer(mutating: $0.baseAddress), iov_len: $0.count)
        }
    }

    var isEmpty: Bool {
        first == vectors.count
    }

    /// Sends what the socket takes at once, without waiting and without `SIGPIPE`.
    ///
    /// - Returns: whether it took anything.
    /// - Throws: `HTTPError.closed` when the other side does not receive any more; `.systemCall`.
    mutating func sendSome(to descriptor: Int32) throws(HTTPError) -> Bool {
        let (sent, number) = vectors.withUnsafeMutableBufferPointer { buffer -> (Int, Int32) in
            var message = msghdr()
            message.msg_iov = buffer.baseAddress?.advanced(by: first)
            message.msg_iovlen = buffer.count - first
            let sent = sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            return (sent, errno)
        }
        guard sent >= 0 else {
            switch number {
            case EAGAIN, EINTR: return false
            case EPIPE, ECONNRESET: throw .closed
            default: throw .systemCall("sendmsg", errno: number)
            }
        }
        advance(by: sent)
        return true
    }

    private mutating func advance(by count: Int) {
        var left = count
        while left > 0 {
            let step = min(left, vectors[first].iov_len)
            vectors[first].iov_base += step
            vectors[first].iov_len -= step
            left -= step
            if vectors[first].iov_len == 0 {
                first += 1
            }
        }
    }
}
