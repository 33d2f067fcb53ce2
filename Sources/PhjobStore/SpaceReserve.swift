import Glibc
import PhjobSystem
import Synchronization

/// A file that takes up room on the disk, so that there is some to give when it is full.
///
/// It is given up in small parts: who fills the disk is still at it, and would take the whole of it at once.
final class SpaceReserve: Sendable {
    /// Bytes in all: hundreds of records.
    static let size = 1 << 20
    /// Bytes that are given up at a time: a record is a few KiB, its directory entry a block.
    private static let part = 64 << 10

    private let path: String
    /// Bytes that are kept now.
    private let kept = Mutex(0)

    init(path: String) {
        self.path = path
    }

    /// Takes up room again, if any was given up; costs nothing if none was.
    func fill() throws(SystemError) {
        let result = kept.withLock { kept -> Result<Void, SystemError> in
            guard kept < Self.size else { return .success(()) }
            do throws(SystemError) {
                let file = try Descriptor(opening: path, flags: O_WRONLY | O_CREAT | O_NOFOLLOW)
                let error = posix_fallocate(file.number, 0, off_t(Self.size))
                guard error == 0 else {
                    kept = (try? file.status()).map { Int($0.st_size) } ?? kept
                    throw SystemError("cannot keep \(Self.size >> 20) MiB free for the results of jobs", number: error)
                }
                kept = Self.size
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Whether none of it is given up.
    var isWhole: Bool { kept.withLock { $0 >= Self.size } }

    /// Gives up a part.
    ///
    /// - Returns: false if nothing is left.
    func release() -> Bool {
        kept.withLock { kept in
            guard kept > 0, let file = try? Descriptor(opening: path, flags: O_WRONLY | O_NOFOLLOW) else {
                return false
            }
            let rest = max(0, kept - Self.part)
            guard ftruncate(file.number, off_t(rest)) == 0 else { return false }
            kept = rest
            // Some file systems have the room only when their journal says so.
            try? file.synchronize()
            return true
        }
    }
}
