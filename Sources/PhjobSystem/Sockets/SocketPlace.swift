package import Glibc

/// Whether a socket's directory keeps other users from putting a socket of theirs in its place.
package enum SocketPlace {
    /// What is wrong with a directory for a socket of this user's; `nil` if nothing is, or if there is none.
    package static func problem(in directory: String) -> String? {
        var status = stat()
        guard stat(directory, &status) == 0 else { return nil }
        return problem(owner: status.st_uid, mode: status.st_mode, for: geteuid()).map {
            "the socket's directory \(directory) \($0)"
        }
    }

    /// As ``problem(in:)``, by the directory's owner and mode. In one with the sticky bit, as `/tmp`, others can take a name first
    /// but replace nothing, and ``isTrusted(server:client:directoryOwner:)`` sees that. A group may be the user's own.
    static func problem(owner: uid_t, mode: mode_t, for uid: uid_t) -> String? {
        if owner != uid, owner != 0 { return "belongs to uid \(owner)" }
        if mode & S_IWOTH != 0, mode & S_ISVTX == 0 { return "can be written by everybody" }
        return nil
    }

    /// Whether what listens at a socket may be what a client means to talk to: a process of its own user, or of root. Root also
    /// uses another user's runner if only that user could have put it there.
    ///
    /// - Parameters:
    ///   - server: the uid of the process that listens (`SO_PEERCRED` of the client's end, unix(7)).
    ///   - client: the effective uid of the client.
    ///   - directoryOwner: whom the socket's directory belongs to; `nil` if that is not known.
    package static func isTrusted(server: uid_t, client: uid_t, directoryOwner: uid_t?) -> Bool {
        server == 0 || server == client || (client == 0 && server == directoryOwner)
    }

    /// Whom the directory of a path belongs to; `nil` if that cannot be told.
    package static func directoryOwner(of path: String) -> uid_t? {
        var status = stat()
        return stat(directory(of: path), &status) == 0 ? status.st_uid : nil
    }

    /// The directory that a path is in.
    package static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}
