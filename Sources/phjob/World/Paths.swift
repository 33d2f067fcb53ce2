import Glibc
import PhjobCore
import PhjobSystem

/// Where phjob keeps and finds its things.
struct Paths: Sendable, Equatable {
    /// The runner's state directory.
    var state: String
    var catalogue: String
    var socket: String
    /// Where `phjob init` makes the volumes of groups.
    var volumes: String

    /// Where the things of the runner for everybody are, if nobody says otherwise (file-hierarchy(7)).
    static let systemSocket = "/run/phjob/phjob.sock"
    static let systemState = "/var/lib/phjob"
    static let systemCatalogue = "/etc/phjob/config.json"

    /// Those of the runner that is for everybody.
    static func system(environment: [String: String], workingDirectory: String) -> Paths {
        let named = { (name: String, path: String) in
            environment[name].flatMap { $0.isEmpty ? nil : cleaned($0, in: workingDirectory) } ?? path
        }
        return Paths(
            state: named("PHJOB_STATE", systemState), catalogue: named("PHJOB_CONFIG", systemCatalogue),
            socket: named("PHJOB_SOCKET", systemSocket), volumes: "/srv")
    }

    private init(state: String, catalogue: String, socket: String, volumes: String) {
        self.state = state
        self.catalogue = catalogue
        self.socket = socket
        self.volumes = volumes
    }

    /// Those of a personal runner.
    ///
    /// - Parameters:
    ///   - home: the user's home directory where `HOME` says nothing.
    ///   - isOurs: whether a directory exists and belongs to this user.
    /// - Throws: if there is no home directory to put things into.
    init(
        environment: [String: String], uid: uid_t, home: @autoclosure () -> String?, workingDirectory: String,
        isOurs: (String) -> Bool = { Self.isOwnDirectory($0) }
    ) throws(PhjobError) {
        let given = { (name: String) in environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        // Relative paths there are to be ignored (XDG Base Directory Specification).
        let absolute = { (name: String) in given(name).flatMap { $0.hasPrefix("/") ? Self.cleaned($0, in: "/") : nil } }
        let named = { (name: String) in given(name).map { Self.cleaned($0, in: workingDirectory) } }
        func base(_ variable: String, _ fallback: String) throws(PhjobError) -> String {
            if let path = absolute(variable) { return path }
            guard let home = absolute("HOME") ?? home() else {
                throw PhjobError(
                    .unavailable, "there is no home directory to keep jobs in",
                    hint: "set HOME, or PHJOB_STATE and PHJOB_CONFIG")
            }
            return "\(home)/\(fallback)"
        }
        if let path = named("PHJOB_STATE") {
            state = path
        } else {
            state = try base("XDG_STATE_HOME", ".local/state") + "/phjob"
        }
        if let path = named("PHJOB_CONFIG") {
            catalogue = path
        } else {
            catalogue = try base("XDG_CONFIG_HOME", ".config") + "/phjob/config.json"
        }
        volumes = ((try? base("XDG_DATA_HOME", ".local/share")) ?? state) + "/phjob/volumes"
        if let path = named("PHJOB_SOCKET") {
            socket = path
        } else if given("PHJOB_STATE") != nil {
            socket = "\(state)/phjob.sock"
        } else {
            // A runtime directory that su(1) left from another user is of no use.
            let candidates = [absolute("XDG_RUNTIME_DIR"), "/run/user/\(uid)"].compactMap(\.self)
            socket = (candidates.first(where: isOurs) ?? state) + "/phjob.sock"
        }
    }

    /// - Parameter isOurs: whether a directory exists and belongs to this user.
    /// - Throws: if no socket can be made at this path (unix(7)).
    static func checkSocket(
        _ path: String, uid: uid_t = geteuid(), isOurs: (String) -> Bool = { Self.isOwnDirectory($0) }
    ) throws(PhjobError) {
        guard path.utf8.count > UnixSocket.maximumPathLength else { return }
        // Never below /tmp, where another user could take the name first.
        let runtime = "/run/user/\(uid)"
        let place = isOurs(runtime) ? "\(runtime)/phjob.sock" : "$HOME/.phjob.sock"
        throw PhjobError(
            .unavailable,
            "the socket path \(TerminalText.quoted(path, limit: 200)) has \(path.utf8.count) bytes; at most \(UnixSocket.maximumPathLength)",
            hint: "set PHJOB_SOCKET to a shorter one in a directory that only you can write to, such as \(place)")
    }

    /// An absolute path without empty and `.` components.
    private static func cleaned(_ path: String, in directory: String) -> String {
        let whole = path.hasPrefix("/") ? path : "\(directory)/\(path)"
        return "/" + whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    private static func isOwnDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
    }
}
