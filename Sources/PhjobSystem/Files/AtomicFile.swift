package import Glibc
import Synchronization

/// Replaces files so that a crash or a power cut leaves either the old or the new content, and an acknowledged one
/// stays.
package enum AtomicFile {
    private static let counter = Atomic<UInt64>(0)

    /// The ending of files that were being written when their writer died; they may be removed at any time.
    package static let temporarySuffix = ".tmp"

    /// Makes `name` in `directory` hold exactly `bytes`, durably.
    ///
    /// - Throws: ``SystemError``; then `name` holds its old content, unless the fsync of the directory alone failed:
    ///   then it holds the new one, which a power cut may undo.
    package static func write(
        _ bytes: [UInt8], to name: String, in directory: Descriptor, mode: mode_t = 0o600
    ) throws(SystemError) {
        try place(bytes, at: name, in: directory, mode: mode)
        try directory.synchronize()
    }

    /// The same but for its last step, an fsync(2) of the directory: until then a power cut can undo it (ext4(5),
    /// `auto_da_alloc` does not cover it).
    ///
    /// Writes a temporary file beside it, fsync(2)s it, and renames it over `name`. A failed fsync is final, as the
    /// kernel may have dropped the pages; the temporary file is then removed.
    ///
    /// - Throws: ``SystemError``; then `name` holds its old content.
    package static func place(
        _ bytes: [UInt8], at name: String, in directory: Descriptor, mode: mode_t = 0o600
    ) throws(SystemError) {
        let temporary = try writeTemporary(bytes, for: name, in: directory, mode: mode)
        do {
            try retrying("cannot rename \(temporary) to \(name)") {
                renameat(directory.number, temporary, directory.number, name)
            }
        } catch {
            unlinkat(directory.number, temporary, 0)
            throw error
        }
    }

    private static func writeTemporary(
        _ bytes: [UInt8], for name: String, in directory: Descriptor, mode: mode_t
    ) throws(SystemError) -> String {
        let number = counter.add(1, ordering: .relaxed).newValue
        let temporary = ".\(name).\(getpid()).\(number)\(temporarySuffix)"
        // What a dead writer of the same process number left there is in the way; a live one has another number.
        unlinkat(directory.number, temporary, 0)
        let file = try Descriptor(opening: temporary, in: directory, flags: O_CREAT | O_EXCL | O_WRONLY, mode: mode)
        do {
            try file.write(bytes)
            try file.synchronize()
        } catch {
            unlinkat(directory.number, temporary, 0)
            throw error
        }
        return temporary
    }
}
