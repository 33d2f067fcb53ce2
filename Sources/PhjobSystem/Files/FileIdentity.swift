import Glibc

/// What tells one version of a file from every other.
///
/// A file that is replaced by rename(2) is another file, and whoever writes into one or copies it changes the time of its last
/// change, which nobody can set (inode(7)).
package struct FileIdentity: Sendable, Equatable {
    package let inode: UInt64
    package let size: Int64
    /// Nanoseconds since 1970; wraps in the year 2262.
    package let changeTime: Int64

    package init(inode: UInt64, size: Int64, changeTime: Int64) {
        self.inode = inode
        self.size = size
        self.changeTime = changeTime
    }

    private init(_ status: stat) {
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        changeTime = Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec)
    }

    /// Of the file at `path`, links followed; nil if there is none that can be looked at.
    package init?(of path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// Of what is at `path` within `directory`, links not followed; nil if there is nothing that can be looked at.
    package init?(of path: String, in directory: Descriptor) {
        var status = stat()
        guard fstatat(directory.number, path, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        self.init(status)
    }
}
