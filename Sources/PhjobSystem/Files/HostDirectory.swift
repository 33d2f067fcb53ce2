import Glibc

/// What a failed look at a directory of the administrator's means.
package enum HostDirectory {
    /// Whether an error is that of a file server or disk that is away, or of this process, and may pass by itself
    /// (errno(3)).
    package static func isPassing(_ number: Int32) -> Bool {
        [
            EIO, ESTALE, ETIMEDOUT, EHOSTDOWN, EHOSTUNREACH, ENETDOWN, ENETUNREACH, ENOTCONN, ECONNREFUSED, ECONNRESET,
            ECONNABORTED, EREMOTEIO, ESHUTDOWN, ENOLINK, EAGAIN, EMFILE, ENFILE, ENOMEM,
        ].contains(number)
    }

    /// What to do about an error; `nil` if there is nothing particular.
    package static func advice(_ number: Int32) -> String? {
        guard number == EACCES || number == EPERM, geteuid() == 0 else { return nil }
        return
            "root itself may not enter it: its server maps root to another user (root_squash of exports(5)), or it is a "
            + "FUSE mount without allow_root; let root enter it, or name the mount point itself"
    }
}
