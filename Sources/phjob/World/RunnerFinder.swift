import Glibc
import PhjobAPI
import PhjobCore
import PhjobSystem

/// The way to the runner.
protocol RunnerFinder: Sendable {
    /// Where to try first: the socket at which a runner of this set-up mostly is.
    var usualSocket: String { get }

    /// The socket at which a runner answers; nil if none does.
    func find() throws -> String?

    /// The same; starts a runner if there is none, or waits for one that others start.
    func findOrStart() throws -> String

    /// Makes sure that what serves at the other end of a connection may be talked to.
    ///
    /// - Throws: ``PhjobError`` if it is another user's.
    func verify(_ connection: Int32, at path: String) throws

    /// The process of a runner that lives, whether it answers or not; `nil` if there is none, or that cannot be told.
    var process: pid_t? { get }

    /// Has a runner that lives and does not answer make its socket again.
    ///
    /// - Returns: the socket at which it answers then; `nil` if it does not within some seconds.
    func revive() throws -> String?
}

extension RunnerFinder {
    func verify(_ connection: Int32, at path: String) throws {}

    var process: pid_t? { nil }

    func revive() throws -> String? { nil }

    /// A client of the runner at `socket`.
    ///
    /// - Parameter interrupt: when it becomes readable, requests that wait are given up.
    func client(at socket: String, interrupt: Int32? = nil) -> APIClient {
        APIClient(socketPath: socket, interrupt: interrupt, verify: { try verify($0, at: $1) })
    }

    /// Whether somebody serves at a socket.
    ///
    /// - Parameter hint: what to do where that is not for this user to know.
    /// - Throws: ``PhjobError`` if somebody may, who is not for this user.
    func isAnswering(_ path: String, hint: String) throws -> Bool {
        do {
            let connection = try UnixSocket.connect(to: path)
            try verify(connection.number, at: path)
            return true
        } catch let error as SystemError {
            switch error.number {
            case ENOENT, ECONNREFUSED, ENOTDIR, ENAMETOOLONG: return false
            default: throw PhjobError(.unavailable, error.description, hint: hint)
            }
        }
    }
}
