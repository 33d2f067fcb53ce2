import Glibc
package import PhjobCore
package import PhjobSystem

/// How far a job's log can be trusted.
extension JobStore {
    /// Makes durable what was copied of an engine's log: the engine may lose it now.
    package func synchronizeLog(of id: JobID) throws(SystemError) {
        let layout = layout.job(id)
        try Descriptor(opening: layout.log, flags: O_RDONLY | O_NOFOLLOW).synchronize()
        try Directory.open(layout.root).synchronize()
    }

    /// Why a log that the engine itself wrote into our file may lack lines; nil if there is no sign of it.
    ///
    /// On a full disk conmon drops what it cannot write, may leave half a record, and tells nobody (conmon 2.1.6,
    /// `src/ctr_logging.c`). What is known of it is what can be seen when the job has ended; a disk that was full for a
    /// while in between leaves no trace.
    package func logProblem(of id: JobID) -> String? {
        if !hasReserve { return Self.fullDisk }
        if let space = try? Directory.space(at: layout.root), space.free < SpaceReserve.size { return Self.fullDisk }
        guard let file = try? Descriptor(opening: layout.job(id).log, flags: O_RDONLY | O_NOFOLLOW),
            let end = try? file.status().st_size, end > 0
        else { return nil }
        var last: UInt8 = 0
        guard pread(file.number, &last, 1, end - 1) == 1, last != UInt8(ascii: "\n") else { return nil }
        return "its last line was cut off while it was written"
    }

    private static let fullDisk = "the disk was full"
}
