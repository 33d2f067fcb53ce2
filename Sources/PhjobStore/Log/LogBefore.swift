import Glibc
package import PhjobSystem

/// What an engine has printed into log files before the one that it writes now.
///
/// podman (k8s-file) begins an empty log file whenever one reaches its bound, by rename(2); only the first one and the newest
/// one are kept. The file `log.before` of a job's directory holds this value as one line of fixed length:
/// `<bytes> <= or +> <device> <inode>`, the last two of the file that is the newest.
package struct LogBefore: Sendable, Equatable {
    /// Bytes of all files before the newest, with the times that stand before each line.
    package var bytes: Int64
    /// `false` if there were more: some came and went unseen.
    package var isExact: Bool
    /// The newest file.
    package var newest: LogFileIdentity

    package init(bytes: Int64, isExact: Bool, newest: LogFileIdentity) {
        self.bytes = bytes
        self.isExact = isExact
        self.newest = newest
    }

    private static let length = 80

    /// - Returns: `nil` if there is no such file, or it is not as expected.
    package static func read(_ path: String) -> LogBefore? {
        guard let file = try? Descriptor(opening: path, flags: O_RDONLY | O_NOFOLLOW),
            let text = try? file.readAll(limit: length)
        else { return nil }
        let words = String(decoding: text, as: UTF8.self).split { $0 == " " || $0 == "\n" }
        guard words.count == 4, let bytes = Int64(words[0]), let device = UInt64(words[2]), let inode = UInt64(words[3])
        else { return nil }
        return LogBefore(
            bytes: bytes, isExact: words[1] == "=", newest: LogFileIdentity(device: device, inode: inode))
    }

    /// Writes it in place; a crash of the machine may lose it.
    package func write(_ path: String) throws(SystemError) {
        let line = "\(bytes) \(isExact ? "=" : "+") \(newest.device) \(newest.inode)"
        let padded = line + String(repeating: " ", count: max(0, Self.length - 1 - line.utf8.count)) + "\n"
        let file = try Descriptor(opening: path, flags: O_WRONLY | O_CREAT | O_NOFOLLOW)
        try file.write(Array(padded.utf8))
    }
}

/// Which file it is, whatever its name is by now.
package struct LogFileIdentity: Sendable, Equatable {
    package let device: UInt64
    package let inode: UInt64

    package init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    package init(_ file: Descriptor) throws(SystemError) {
        let status = try file.status()
        self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}
