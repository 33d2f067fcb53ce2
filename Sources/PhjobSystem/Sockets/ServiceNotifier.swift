import Glibc

/// Tells the service manager that started this process how it is (sd_notify(3)): a datagram of `NAME=value` lines to the socket
/// that it has named in `NOTIFY_SOCKET`.
package struct ServiceNotifier: Sendable {
    /// What the manager can be told.
    package enum Message: Sendable, Equatable {
        /// The service does its work now; with `Type=notify` the manager waits for this.
        case ready
        /// The service is ending.
        case stopping
        /// One line for whoever asks how the service is.
        case status(String)
    }

    /// The variable that names the socket: a path, or a name in the abstract namespace after an `@` (unix(7)).
    package static let variable = "NOTIFY_SOCKET"

    private let address: [UInt8]?

    /// - Parameter environment: this process's. Without the variable nobody is told anything.
    package init(environment: [String: String]) {
        guard let name = environment[Self.variable], name.hasPrefix("/") || name.hasPrefix("@"), name.utf8.count > 1,
            name.utf8.count <= UnixSocket.maximumPathLength, !name.utf8.contains(0)
        else {
            address = nil
            return
        }
        address = name.hasPrefix("@") ? [0] + name.utf8.dropFirst() : Array(name.utf8) + [0]
    }

    /// Sends messages together.
    ///
    /// - Throws: ``SystemError``; a service goes on all the same, as nobody else minds.
    package func send(_ messages: [Message]) throws(SystemError) {
        guard let address else { return }
        let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = Descriptor(owning: try retrying("cannot make a socket") { socket(AF_UNIX, type, 0) })
        let text = messages.map(\.line).joined(separator: "\n")
        var target = sockaddr_un()
        target.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &target.sun_path) { $0.copyBytes(from: address) }
        // An abstract name has all the bytes that the length says, so the rest of the field may not count.
        let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path).map { $0 + address.count } ?? 0)
        try retrying("cannot tell the service manager") {
            withUnsafeBytes(of: target) { bytes in
                let start = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
                return sendto(descriptor.number, text, text.utf8.count, Int32(MSG_NOSIGNAL), start, length)
            }
        }
    }
}

extension ServiceNotifier.Message {
    fileprivate var line: String {
        switch self {
        case .ready: "READY=1"
        case .stopping: "STOPPING=1"
        // A line break would begin another assignment.
        case .status(let text): "STATUS=" + text.split(whereSeparator: \.isNewline).joined(separator: " ")
        }
    }
}
