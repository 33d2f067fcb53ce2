import Glibc

/// A directory that is read name by name, and open for as long as this is referenced (opendir(3)).
///
/// Belongs to one thread.
final class DirectoryStream {
    private let stream: OpaquePointer

    /// - Parameter directory: an open descriptor.
    /// - Parameter name: relative to it; a symbolic link is an error.
    init(opening name: UnsafePointer<CChar>, in directory: Int32) throws(SystemError) {
        let number = try retrying("cannot list a directory") {
            openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        }
        guard let stream = fdopendir(number) else {
            let error = SystemError("cannot list a directory")
            close(number)
            throw error
        }
        self.stream = stream
    }

    deinit { closedir(stream) }

    /// Not to be closed.
    var descriptor: Int32 { dirfd(stream) }

    /// Between two names, for this and every other stream of the directory (telldir(3)).
    var position: Int {
        get { telldir(stream) }
        set { seekdir(stream, newValue) }
    }

    /// Begins the listing again.
    func rewind() { rewinddir(stream) }

    func status() throws(SystemError) -> stat {
        var status = stat()
        try retrying("cannot look at a directory") { fstat(descriptor, &status) }
        return status
    }

    /// The next name but `.` and `..`, in no order, with its final NUL: Linux allows any bytes in it.
    ///
    /// - Returns: valid until this thread reads on; nil at the end.
    func next() throws(SystemError) -> UnsafePointer<CChar>? {
        errno = 0
        // By its place: a copy of the field of 256 bytes, as which it is declared, may end beyond the listing's buffer.
        while let field = readdir(stream)?.pointer(to: \.d_name) {
            let name = UnsafeRawPointer(field).assumingMemoryBound(to: CChar.self)
            if strcmp(name, ".") != 0, strcmp(name, "..") != 0 { return name }
            errno = 0
        }
        if errno != 0 { throw SystemError("cannot list a directory") }
        return nil
    }
}
