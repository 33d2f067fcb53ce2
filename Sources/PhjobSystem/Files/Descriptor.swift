package import Glibc

/// An open file descriptor, closed with its last reference. None of ours is inherited by children.
package final class Descriptor: Sendable {
    package let number: Int32

    /// Takes over an open descriptor.
    package init(owning number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }

    /// open(2) with `O_CLOEXEC`.
    package convenience init(opening path: String, flags: Int32, mode: mode_t = 0o600) throws(SystemError) {
        self.init(owning: try retrying("cannot open \(path)") { open(path, flags | O_CLOEXEC, mode) })
    }

    /// openat(2) with `O_CLOEXEC` and `O_NOFOLLOW`: a symbolic link at `name` is an error.
    package convenience init(
        opening name: String, in directory: Descriptor, flags: Int32, mode: mode_t = 0o600
    ) throws(SystemError) {
        let number = try retrying("cannot open \(name)") {
            openat(directory.number, name, flags | O_CLOEXEC | O_NOFOLLOW, mode)
        }
        self.init(owning: number)
    }

    /// Writes all of `bytes`.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = try retrying("cannot write") { Glibc.write(number, rest.baseAddress, rest.count) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    package func write(_ bytes: [UInt8]) throws(SystemError) {
        do {
            try bytes.withUnsafeBytes { try write($0) }
        } catch let error as SystemError {
            throw error
        } catch {
            throw SystemError("cannot write", number: EIO)
        }
    }

    /// Reads to the end.
    ///
    /// - Throws: ``SystemError`` with `EFBIG` if there are more than `limit` bytes.
    package func readAll(limit: Int) throws(SystemError) -> [UInt8] {
        var status = stat()
        // What the file says of its size is a hint only: those of proc(5) say 0.
        let hint = fstat(number, &status) == 0 ? min(Int(status.st_size), limit) : 0
        var result: [UInt8] = []
        result.reserveCapacity(hint)
        var chunk = min(max(hint + 1, 4 << 10), 1 << 20)
        while true {
            let count = try withUnsafeTemporaryAllocation(byteCount: chunk, alignment: 1) {
                buffer throws(SystemError) in
                let count = try retrying("cannot read") { read(number, buffer.baseAddress, buffer.count) }
                result += buffer[..<count]
                return count
            }
            if count == 0 { return result }
            guard result.count <= limit else {
                throw SystemError("cannot read more than \(limit) bytes", number: EFBIG)
            }
            chunk = min(chunk * 2, 1 << 20)
        }
    }

    /// fsync(2).
    package func synchronize() throws(SystemError) {
        try retrying("cannot write to the disk") { fsync(number) }
    }

    package func status() throws(SystemError) -> stat {
        var status = stat()
        try retrying("cannot look at a file") { fstat(number, &status) }
        return status
    }

    /// Whether the open file belongs to us, and others may not write to it.
    package var isOursAlone: Bool { belongs(to: [geteuid()]) }

    /// Whether the open file belongs to us or to root, and others may not write to it.
    package var isOursOrRoots: Bool { belongs(to: [geteuid(), 0]) }

    private func belongs(to owners: [uid_t]) -> Bool {
        guard let status = try? status() else { return false }
        return owners.contains(status.st_uid) && status.st_mode & 0o022 == 0
    }
}
