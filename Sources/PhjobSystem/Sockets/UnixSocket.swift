import CPhjobLinux
import Glibc

/// Stream sockets in the file system (unix(7)).
package enum UnixSocket {
    /// The longest path that a socket's address can hold: `sun_path` has 108 bytes with its NUL.
    package static let maximumPathLength = 107

    /// Connects to a listening socket.
    package static func connect(to path: String) throws(SystemError) -> Descriptor {
        let descriptor = try make(path)
        try withAddress(path) { address, length throws(SystemError) in
            try retrying("cannot connect to \(path)") { Glibc.connect(descriptor.number, address, length) }
        }
        return descriptor
    }

    /// The file of a socket. As long as the socket is open, no other file has its number.
    package struct File: Sendable, Equatable {
        private let device: UInt64
        private let inode: UInt64

        /// What is at `path`, links not followed; `nil` if nothing is.
        package init?(at path: String) {
            var status = stat()
            guard lstat(path, &status) == 0 else { return nil }
            (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
        }

        /// Removes it, unless something else is at `path` by now.
        package func remove(at path: String) {
            if File(at: path) == self { unlink(path) }
        }
    }

    /// Whether a process serves at `path`, or may: only a socket that nothing listens at any more, and a path where there is
    /// none, are certainly free.
    package static func isServed(_ path: String) -> Bool {
        guard let descriptor = try? make(path) else { return false }
        // Its queue may be full, which is an answer too (unix(7), EAGAIN).
        _ = fcntl(descriptor.number, F_SETFL, O_NONBLOCK)
        do throws(SystemError) {
            try withAddress(path) { address, length throws(SystemError) in
                try retrying("cannot connect to \(path)") { Glibc.connect(descriptor.number, address, length) }
            }
            return true
        } catch {
            return error.number != ENOENT && error.number != ECONNREFUSED && error.number != ENOTDIR
        }
    }

    /// As ``listening(at:mode:backlog:)``, the descriptor alone.
    package static func listen(
        at path: String, mode: UInt32 = 0o600, backlog: Int32 = 128
    ) throws(SystemError) -> Descriptor {
        try listening(at: path, mode: mode, backlog: backlog).descriptor
    }

    /// Listens at `path`, taking the place of a socket that is there.
    ///
    /// There is a socket at `path` at any moment from the first time on, and one that answers as soon as it is this one:
    /// it is made beside it and renamed. The caller makes sure that no other process serves there, see ``isServed(_:)``.
    ///
    /// - Parameter mode: the file's; who may write to it may connect (unix(7)). By default its owner alone.
    package static func listening(
        at path: String, mode: UInt32 = 0o600, backlog: Int32 = 128
    ) throws(SystemError) -> (descriptor: Descriptor, file: File) {
        let descriptor = try make(path)
        // No longer than the path itself, whose length is bounded.
        let draft = String(path.dropLast()) + (path.hasSuffix("~") ? "-" : "~")
        for place in [path, draft] {
            var status = stat()
            guard lstat(place, &status) == 0 else { continue }
            guard status.st_mode & S_IFMT == S_IFSOCK else {
                throw SystemError("cannot make the socket \(place)", number: EEXIST)
            }
        }
        unlink(draft)
        // bind(2) takes the file's mode from the socket's; a umask would reach every thread's files.
        try retrying("cannot make the socket \(path)") { fchmod(descriptor.number, mode) }
        try withAddress(draft) { address, length throws(SystemError) in
            try retrying("cannot make the socket \(path)") { bind(descriptor.number, address, length) }
        }
        do throws(SystemError) {
            // bind(2) takes the umask from the mode, so that a service with a strict one would shut everybody out.
            try retrying("cannot make the socket \(path)") { chmod(draft, mode) }
            try retrying("cannot listen at \(path)") { Glibc.listen(descriptor.number, backlog) }
            guard let file = File(at: draft) else { throw SystemError("cannot make the socket \(path)") }
            try retrying("cannot make the socket \(path)") { rename(draft, path) }
            return (descriptor, file)
        } catch {
            unlink(draft)
            throw error
        }
    }

    /// The process at the other end, as the kernel knew it when it connected (`SO_PEERCRED`). Only the uid is an authority: the
    /// number may be another process's by now.
    package static func peer(of descriptor: Int32) throws(SystemError) -> (uid: UInt32, pid: Int32) {
        var credentials = phjob_ucred()
        var length = socklen_t(MemoryLayout<phjob_ucred>.size)
        try retrying("cannot tell who is calling") {
            getsockopt(descriptor, SOL_SOCKET, phjob_SO_PEERCRED, &credentials, &length)
        }
        return (credentials.uid, credentials.pid)
    }

    private static func make(_ path: String) throws(SystemError) -> Descriptor {
        // An address that begins with NUL is not in the file system, and one ends at its first NUL.
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw SystemError("the socket path is empty or has a NUL byte", number: EINVAL)
        }
        guard path.utf8.count <= maximumPathLength else {
            throw SystemError("the socket path \(path) is longer than \(maximumPathLength) bytes", number: ENAMETOOLONG)
        }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        return Descriptor(owning: try retrying("cannot make a socket") { socket(AF_UNIX, type, 0) })
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> Void
    ) throws(SystemError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(maximumPathLength)) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        var failure: SystemError?
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                do {
                    try body(pointer, length)
                } catch let error as SystemError {
                    failure = error
                } catch {}
            }
        }
        if let failure { throw failure }
    }
}
