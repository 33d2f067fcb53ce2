import Glibc
import PhjobCore
import PhjobSystem

/// The runner of the whole machine: a service, which no command starts.
struct SystemRunner: RunnerFinder {
    let socket: String
    /// Seconds that it may take to come back: it may just be restarting.
    var patience = 5.0

    /// What an ordinary user can do when it is not there.
    private static let hint =
        "'systemctl status phjob' tells why; '--personal' uses a runner of your own ('phjob init --personal' sets it up)"

    var usualSocket: String { socket }

    func find() throws -> String? {
        let hint = "an administrator says who may use it; '--personal' uses a runner of your own"
        return try isAnswering(socket, hint: hint) ? socket : nil
    }

    /// - Throws: ``PhjobError`` if it does not come back in time.
    func findOrStart() throws -> String {
        // Looked at before the first try, so that no change is missed. Without a watch it is tried once more at the end.
        let watch = watch()
        let deadline = Monotonic.now.adding(seconds: patience)
        while true {
            if let socket = try find() { return socket }
            guard access(socket, F_OK) == 0 else {
                throw PhjobError(.unavailable, "there is no system runner: nothing is at \(shown)", hint: Self.hint)
            }
            guard deadline > .now else {
                throw PhjobError(.unavailable, "the system runner does not answer at \(shown)", hint: Self.hint)
            }
            _ = try Poll.readable([watch?.descriptor.number].compactMap(\.self), until: deadline)
            watch?.drain()
        }
    }

    private var shown: String { TerminalText.escaped(socket) }

    /// A runner that begins to serve puts a new socket in the place of the old one.
    private func watch() -> FileWatch? {
        guard let watch = try? FileWatch(), let slash = socket.lastIndex(of: "/") else { return nil }
        do {
            try watch.add(slash == socket.startIndex ? "/" : String(socket[..<slash]), .entries)
            return watch
        } catch {
            return nil
        }
    }
}
