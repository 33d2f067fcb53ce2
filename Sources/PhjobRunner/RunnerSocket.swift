import Glibc
import PhjobCore
import PhjobSystem
import Synchronization

/// The socket file at which a runner serves, made again when it is gone.
///
/// A personal runner outlives its user's sessions, but `/run/user/<uid>` does not: it is removed when the last one ends, and made
/// again, empty, when the next begins. Until then the runner serves in its state directory; the lock file says where.
final class RunnerSocket: Sendable {
    private struct Current {
        var path: String
        var file: UnixSocket.File
        /// Why the preferred place cannot be used, as it was logged last.
        var problem: String?
    }

    /// Where it may be, the preferred place first.
    private let places: [String]
    private let mode: RunnerMode
    private let current: Mutex<Current>
    private let watch: FileWatch
    private let log: EventLog

    /// Seconds for which a socket that still answers is waited for: a runner that was killed may be a moment from its end.
    private static let timeToEnd = 1.0

    /// Listens at the configured place.
    ///
    /// - Returns: the socket, and the listening descriptor.
    /// - Throws: ``PhjobError`` if something else serves there or the place is not safe, ``SystemError`` if it cannot be made.
    static func open(
        _ configuration: RunnerConfiguration, log: EventLog
    ) throws -> (socket: RunnerSocket, listener: Descriptor) {
        let deadline = Monotonic.now.adding(seconds: timeToEnd)
        while UnixSocket.isServed(configuration.socketPath), .now < deadline { usleep(20_000) }
        let found = try listen(at: configuration.socketPath, configuration.mode)
        return (try RunnerSocket(configuration, found.file, log: log), found.descriptor)
    }

    private init(_ configuration: RunnerConfiguration, _ file: UnixSocket.File, log: EventLog) throws(SystemError) {
        mode = configuration.mode
        let spare = "\(configuration.stateDirectory)/phjob.sock"
        // Clients of the runner for everybody look for it at one place only.
        let hasSpare = mode == .personal && spare.utf8.count <= UnixSocket.maximumPathLength
        places = [configuration.socketPath] + (hasSpare && spare != configuration.socketPath ? [spare] : [])
        current = Mutex(Current(path: configuration.socketPath, file: file))
        watch = try FileWatch()
        self.log = log
        watchDirectory()
    }

    /// Where it is now.
    var path: String { current.withLock(\.path) }

    /// Becomes readable when ``renew()`` may have something to do.
    var changes: Descriptor { watch.descriptor }

    /// Makes the socket again if it is gone, or if its preferred place can be used again.
    ///
    /// - Returns: the descriptor to listen at from now on; `nil` if nothing has changed, or nothing can be done now.
    func renew() -> Descriptor? {
        watch.drain()
        // Before it is looked at, so that no change is missed.
        watchDirectory()
        return current.withLock { current in
            for place in places {
                if place == current.path, UnixSocket.File(at: place) == current.file { return nil }
                do {
                    let found = try Self.listen(at: place, mode)
                    log.info("socket-made-again", ["socket": place])
                    if current.path != place { current.file.remove(at: current.path) }
                    current = Current(path: place, file: found.file)
                    watchDirectory()
                    return found.descriptor
                } catch {
                    let problem = "\(error)"
                    if place == places[0], current.problem != problem {
                        log.warning("socket-not-made", ["socket": place, "why": problem])
                        current.problem = problem
                    }
                }
            }
            return nil
        }
    }

    /// Removes the file, unless it is another runner's by now.
    func remove() { current.withLock { $0.file.remove(at: $0.path) } }

    private static func listen(
        at path: String, _ mode: RunnerMode
    ) throws -> (descriptor: Descriptor, file: UnixSocket.File) {
        switch mode {
        case .system: try SystemPlaces.prepareSocketDirectory(of: path)
        case .personal:
            if let problem = SocketPlace.problem(in: SocketPlace.directory(of: path)) {
                throw PhjobError(
                    .unavailable, "\(problem): others could put a socket of theirs there",
                    hint: "choose another with PHJOB_SOCKET, in a directory that only you can write to")
            }
        }
        if UnixSocket.isServed(path) {
            throw PhjobError(
                .unavailable, "another program serves at \(path)",
                hint: "stop it, or choose another socket with PHJOB_SOCKET")
        }
        // Who may do what is decided by who calls, once they have connected.
        return try UnixSocket.listening(at: path, mode: mode == .system ? 0o666 : 0o600)
    }

    /// Watches the preferred place's directory; as long as there is none, the nearest one above it.
    private func watchDirectory() {
        var directory = SocketPlace.directory(of: places[0])
        while (try? watch.add(directory, .presence)) == nil, directory != "/" {
            directory = SocketPlace.directory(of: directory)
        }
    }
}
