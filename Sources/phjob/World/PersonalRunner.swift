import FoundationEssentials
import Glibc
import PhjobCore
import PhjobStore
import PhjobSystem

/// The runner of one person, which the first command that needs it starts.
struct PersonalRunner: RunnerFinder {
    let paths: Paths
    let environment: [String: String]
    /// What to start it with: this program, and its arguments.
    var executable = Self.ownExecutable
    var arguments = ["runner", "run"]
    /// Root's runner is the machine's, not a session's.
    var isRoot = geteuid() == 0
    /// Seconds until a runner that has been started must answer.
    var startTimeout = 30.0
    /// Seconds until a runner that was reminded of its socket must answer.
    var revivalTimeout = 5.0

    /// The exit status of a runner that found another at work on the state directory (`EX_TEMPFAIL`).
    static let alreadyRunningStatus: Int32 = 75

    private static let socketHint = "choose another socket with PHJOB_SOCKET"

    /// Seconds until a runner that holds the lock and does not answer is reminded of its socket: one that has just been started is
    /// about to make it.
    private static let timeToAnswer = 0.5

    private var layout: StateLayout { StateLayout(root: paths.state) }

    var usualSocket: String { paths.socket }

    func find() throws -> String? { try find(besides: nil) }

    /// - Parameter child: a runner that we have started. While it lives the lock is not looked at: that takes it for a
    ///   moment, just when the child may be trying to.
    private func find(besides child: Child?) throws -> String? {
        if try isAnswering(paths.socket, hint: Self.socketHint) { return paths.socket }
        if child != nil { return nil }
        // It may have been started from where another socket was the default.
        guard let holder = holder, holder.socket != paths.socket, try isAnswering(holder.socket, hint: Self.socketHint)
        else { return nil }
        return holder.socket
    }

    func findOrStart() throws -> String {
        if let socket = try find() { return socket }
        try Paths.checkSocket(paths.socket)
        guard access(paths.catalogue, F_OK) == 0 else {
            throw PhjobError(
                .unavailable,
                "phjob is not set up yet: there is no catalogue at \(TerminalText.escaped(paths.catalogue))",
                hint: "run 'phjob init'")
        }
        let deadline = Monotonic.now.adding(seconds: startTimeout)
        var reminder = Monotonic.now.adding(seconds: Self.timeToAnswer)
        var child: Child?
        while true {
            if let socket = try find(besides: child) { return socket }
            if let started = child, let status = started.exitStatus {
                // Of two at once one has lost the race, and waits for the winner.
                guard status == Self.alreadyRunningStatus else { throw started.failure(layout.runnerLog) }
                child = nil
            }
            if child == nil, !FileLock.isHeld(path: layout.lock) { child = try start() }
            if child == nil, reminder <= .now {
                remind()
                reminder = Monotonic.now.adding(seconds: revivalTimeout)
            }
            guard deadline > .now else { throw late() }
            // Bounded by the deadline; who will come to answer, and so what to watch, is not known.
            _ = try Poll.readable([], until: Monotonic.now.adding(seconds: 0.02))
        }
    }

    /// Tells the runner that holds the lock to look for its socket: the directory of it may have been removed and made again, as
    /// `/run/user/<uid>` is when its user logs out and in. It also reads its catalogue again, which does no harm.
    private func remind() { _ = FileLock.signalHolder(of: layout.lock, SIGHUP) }

    var process: pid_t? { FileLock.holder(path: layout.lock) }

    func revive() throws -> String? {
        guard FileLock.isHeld(path: layout.lock) else { return nil }
        remind()
        let deadline = Monotonic.now.adding(seconds: revivalTimeout)
        while deadline > .now {
            if let socket = try find() { return socket }
            _ = try Poll.readable([], until: Monotonic.now.adding(seconds: 0.02))
        }
        return nil
    }

    func verify(_ connection: Int32, at path: String) throws {
        let server = try UnixSocket.peer(of: connection).uid
        let owner = SocketPlace.directoryOwner(of: path)
        if SocketPlace.isTrusted(server: server, client: geteuid(), directoryOwner: owner) { return }
        throw PhjobError(
            .forbidden, "uid \(server) serves at \(TerminalText.escaped(path)), and not you",
            hint: "choose another socket with PHJOB_SOCKET, in a directory that only you can write to")
    }

    /// Who holds the state directory, as the lock file says; nil if nobody does.
    var holder: Holder? {
        guard FileLock.isHeld(path: layout.lock),
            let bytes = try? Descriptor(opening: layout.lock, flags: O_RDONLY | O_NOFOLLOW).readAll(limit: 64 << 10)
        else { return nil }
        return try? JSONDecoder().decode(Holder.self, from: Data(bytes))
    }

    struct Holder: Decodable, Equatable {
        var pid: Int32
        var socket: String
    }

    private func start() throws -> Child {
        do {
            try Directory.create(paths.state)
            // Told here, as a start that cannot write its log fails with no word of it.
            _ = try Descriptor(opening: layout.runnerLog, flags: O_WRONLY | O_CREAT | O_APPEND)
        } catch {
            throw PhjobError(.unavailable, "\(error)", hint: "choose another state directory with PHJOB_STATE")
        }
        var status = stat()
        let logSize = stat(layout.runnerLog, &status) == 0 ? Int(status.st_size) : 0
        var environment = environment
        // Its working directory is another one, so relative paths are settled here.
        environment["PHJOB_STATE"] = paths.state
        environment["PHJOB_CONFIG"] = paths.catalogue
        environment["PHJOB_SOCKET"] = paths.socket
        // A service that calls us is not this runner, which shall not speak for it.
        environment[ServiceNotifier.variable] = nil
        do {
            var command = ProcessCommand(executable, arguments, environment: environment)
            // A link of this process's own in proc(5) would be another program there.
            if !executable.hasPrefix("/proc/"), let scope = UserScope(environment: environment, isRoot: isRoot) {
                command = scope.wrap(command)
            }
            return Child(pid: try Detached.start(command, log: layout.runnerLog), logSize: logSize)
        } catch {
            throw PhjobError(.unavailable, "the runner cannot be started: \(error)", hint: "see 'phjob doctor'")
        }
    }

    private func late() -> PhjobError {
        let who = holder.map { "the runner (pid \($0.pid))" } ?? "the runner"
        return PhjobError(
            .unavailable, "\(who) does not answer after \(Int(startTimeout)) seconds",
            hint: "its log is \(layout.runnerLog); 'phjob runner stop' ends it")
    }

    /// This program's file, or the newer one that has taken its place, if nobody but us or root can have put it there. After it
    /// was removed, its link in proc(5) still works.
    private static var ownExecutable: String {
        let link = "/proc/self/exe"
        guard let path = ProcessProgram(of: getpid())?.path, access(path, X_OK) == 0,
            let file = try? Descriptor(opening: path, flags: O_RDONLY | O_NOFOLLOW), file.isOursOrRoots
        else { return link }
        return path
    }
}

extension PersonalRunner {
    /// A runner that this process has started.
    private struct Child {
        let pid: pid_t
        /// Where its part of the log begins.
        let logSize: Int

        /// Nil as long as it lives.
        var exitStatus: Int32? {
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
            return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
        }

        func failure(_ log: String) -> PhjobError {
            let bytes = (try? Descriptor(opening: log, flags: O_RDONLY).readAll(limit: 64 << 20)) ?? []
            let lines = String(decoding: bytes.dropFirst(logSize), as: UTF8.self).split(whereSeparator: \.isNewline)
            var said: [String] = []
            for line in lines {
                if line.hasPrefix("phjob: ") {
                    said.append(String(line.dropFirst("phjob: ".count)))
                } else if line.hasPrefix("  "), !said.isEmpty {
                    // A list of what is wrong goes on, indented.
                    said.append(String(line))
                }
            }
            let words = said.isEmpty ? lines.suffix(5).map(String.init) : said
            return PhjobError(
                .unavailable,
                words.isEmpty
                    ? "the runner ended at once, and said nothing"
                    : "the runner did not start: "
                        + words.map { TerminalText.escaped($0) }.joined(separator: "\n"),
                hint: said.isEmpty ? "its log is \(log)" : nil)
        }
    }
}
