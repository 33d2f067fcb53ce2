import Glibc
import PhjobSystem

/// What tells one version of a file from every other: a record is replaced by rename(2), so each version is a new file, and
/// whoever writes into it or copies it changes the time of its last change, which nobody can set (inode(7)).
struct FileIdentity: Sendable, Equatable {
    let inode: UInt64
    let size: Int64
    /// Nanoseconds since 1970; wraps in the year 2262.
    let changeTime: Int64

    init(inode: UInt64, size: Int64, changeTime: Int64) {
        self.inode = inode
        self.size = size
        self.changeTime = changeTime
    }

    init(_ status: stat) {
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        changeTime = Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec)
    }

    /// Of the file at `path` within `directory`; nil if there is none that can be looked at.
    init?(of path: String, in directory: Descriptor) {
        var status = stat()
        guard fstatat(directory.number, path, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        self.init(status)
    }
}
