import Glibc
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobHTTP

/// A server on a socket of its own, for the length of a test.
final class TestServer: Sendable {
    let path: String
    let server: HTTPServer
    private let ended: Signal

    private init(path: String, server: HTTPServer, ended: Signal) {
        self.path = path
        self.server = server
        self.ended = ended
    }

    /// Runs a server while `body` runs, stops it, and checks that it has left no socket behind.
    static func with(
        limits: HTTPLimits = HTTPLimits(),
        admit: @escaping @Sendable (Int32) -> HTTPAdmission = { _ in .accepted(peer: 0) },
        identify: @escaping @Sendable (UInt64) -> HTTPAdmission = { .accepted(peer: $0) },
        handler: @escaping @Sendable (HTTPExchange) -> Void = { $0.respond(HTTPResponse(.ok, body: $0.request.body)) },
        _ body: (TestServer) throws -> Void
    ) throws {
        var template = Array("/tmp/phjob-http-XXXXXX".utf8CString)
        let directory = String(cString: try #require(mkdtemp(&template)))
        let path = directory + "/s"
        defer {
            unlink(path)
            rmdir(directory)
        }
        let ended = Signal()
        let server = try HTTPServer(
            listener: try listen(at: path), limits: limits, admit: admit, identify: identify,
            errorResponse: { error in
                let text = #"{"error":{"code":"\#(error.code)","message":"\#(error.description)"}}"#
                return HTTPResponse(error.status ?? .internalServerError, body: Array(text.utf8))
            }, handler: handler)
        #expect(
            ConnectionThread.start(stackBytes: 256 * 1024) {
                try? server.serve()
                ended.raise()
            })
        let test = TestServer(path: path, server: server, ended: ended)
        defer {
            test.stopAndWait()
            #expect(eventually { !hasSockets(path) }, "the server has left sockets open")
        }
        try body(test)
    }

    func stopAndWait() {
        server.stop()
        #expect(ended.wait(), "serve() has not returned")
    }

    var hasEnded: Bool { ended.isRaised }

    func client(interrupt: Int32? = nil) throws -> HTTPClient {
        try HTTPClient.connect(unixPath: path, interrupt: interrupt)
    }

    func raw() throws -> RawConnection {
        try RawConnection(path: path)
    }
}

/// Something that happens once, in another thread.
final class Signal: Sendable {
    private let raised = Mutex(false)

    var isRaised: Bool { raised.withLock { $0 } }

    func raise() {
        raised.withLock { $0 = true }
    }

    func wait() -> Bool {
        eventually { isRaised }
    }
}

/// Whether a condition becomes true, sooner or later.
func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = Deadline(after: .seconds(patience))
    while !condition() {
        if deadline.hasPassed {
            return false
        }
        usleep(1000)
    }
    return true
}

extension TestServer {
    static func listen(at path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafeBytes(of: &address) {
            bind(descriptor, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
        }
        try #require(bound == 0 && Glibc.listen(descriptor, 64) == 0)
        return descriptor
    }
}

/// Whether the listener at a path, or a connection it has accepted, is open: the kernel lists both by that path.
private func hasSockets(_ path: String) -> Bool {
    guard let file = fopen("/proc/net/unix", "re") else {
        return true
    }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 512)
    while fgets(&line, Int32(line.count), file) != nil {
        if strstr(line, path) != nil {
            return true
        }
    }
    return false
}
