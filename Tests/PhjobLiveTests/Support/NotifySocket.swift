import Glibc
import PhjobSystem
import PhjobTestSupport

/// What a service manager listens at (sd_notify(3)).
struct NotifySocket {
    private let descriptor: Descriptor

    init(at path: String) throws {
        let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        descriptor = Descriptor(owning: try retrying("cannot make a socket") { socket(AF_UNIX, type, 0) })
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
        try retrying("cannot bind \(path)") {
            withUnsafeBytes(of: name) { bytes in
                let start = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
                return bind(descriptor.number, start, socklen_t(bytes.count))
            }
        }
    }

    /// Waits for the next message.
    func next() throws -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var count = 0
        try blockUntil("a message") {
            count = recv(descriptor.number, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            return count >= 0
        }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}
