import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

/// Messages to a service manager, which a datagram socket stands in for.
@Suite struct ServiceNotifierTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// A bound datagram socket.
    private static func manager(at address: [UInt8]) throws -> Descriptor {
        let type = Int32(SOCK_DGRAM.rawValue)
        let descriptor = Descriptor(owning: try retrying("socket") { socket(AF_UNIX, type, 0) })
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: address) }
        try retrying("bind") {
            withUnsafeBytes(of: name) { bytes in
                let start = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
                return bind(descriptor.number, start, socklen_t(2 + address.count))
            }
        }
        return descriptor
    }

    /// The next datagram that has arrived; nil if there is none.
    private static func received(by manager: Descriptor) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(manager.number, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    @Test func aSocketInTheFileSystemIsTold() throws {
        let manager = try Self.manager(at: Array(directory("notify").utf8))
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": directory("notify")])
        try notifier.send([.ready, .status("serves\n/run/x\nMAINPID=1")])
        #expect(Self.received(by: manager) == "READY=1\nSTATUS=serves /run/x MAINPID=1")
        try notifier.send([.stopping])
        #expect(Self.received(by: manager) == "STOPPING=1")
        #expect(Self.received(by: manager) == nil)
    }

    @Test func anAbstractSocketIsTold() throws {
        let name = "phjob-test-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        let manager = try Self.manager(at: [0] + name.utf8)
        try ServiceNotifier(environment: ["NOTIFY_SOCKET": "@\(name)"]).send([.ready])
        #expect(Self.received(by: manager) == "READY=1")
    }

    @Test(arguments: [nil, "", "/", "@", "vsock:2:1234", "relative", "/" + String(repeating: "x", count: 107), "/a\0b"])
    func withoutAManagerNobodyIsTold(_ value: String?) throws {
        var environment: [String: String] = [:]
        environment["NOTIFY_SOCKET"] = value
        try ServiceNotifier(environment: environment).send([.ready])
    }

    @Test func aManagerThatHasGoneIsAnError() {
        let notifier = ServiceNotifier(environment: ["NOTIFY_SOCKET": directory("none")])
        let error = #expect(throws: SystemError.self) { try notifier.send([.ready]) }
        #expect(error?.number == ENOENT)
    }
}
