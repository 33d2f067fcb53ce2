import Glibc
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
}

extension RunnerFinder {
    /// Whether somebody serves at a socket.
    ///
    /// - Parameter hint: what to do where that is not for this user to know.
    /// - Throws: ``PhjobError`` if somebody may, who is not for this user.
    func isAnswering(_ path: String, hint: String) throws -> Bool {
        do {
            _ = try UnixSocket.connect(to: path)
            return true
        } catch {
            switch error.number {
            case ENOENT, ECONNREFUSED, ENOTDIR, ENAMETOOLONG: return false
            default: throw PhjobError(.unavailable, error.description, hint: hint)
            }
        }
    }
}
