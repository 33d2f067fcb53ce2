import Glibc
package import PhjobCore
package import PhjobSystem
import Synchronization

/// The state directory: the only code that knows paths and formats on disk.
///
/// One runner at a time, which holds ``StateLayout/lock``, may use it for writing.
package final class JobStore: Sendable {
    package let layout: StateLayout
    /// The id of this state directory, which labels its containers.
    package let stateID: String
    let root: Descriptor
    let jobs: Descriptor
    let index: JobIndex
    private let reserve: SpaceReserve

    private static let newPrefix = ".new-"
    static let gonePrefix = ".gone-"
    /// How names begin that something copied out of an image has for a moment, in the cache.
    package static let imageCopyPrefix = "phjob-image-"

    /// Opens a state directory, and makes what is missing in it.
    ///
    /// - Throws: ``PhjobError`` if it cannot be used or is not safe; what to do is in its hint.
    package init(root path: String) throws(PhjobError) {
        layout = StateLayout(root: path)
        if let problem = HostPath.problem(in: path) {
            throw PhjobError(
                .unavailable, "the state directory cannot be used: \(problem)", hint: "choose another with PHJOB_STATE")
        }
        do {
            try Directory.create(path)
            root = try Directory.open(path)
            try Self.check(root, path)
            for name in [layout.jobs, layout.quarantine, layout.cache, layout.trash] { try Directory.create(name) }
            jobs = try Directory.open(layout.jobs)
            stateID = try Self.readOrMakeID(in: root)
            let cache = try Directory.open(layout.cache)
            index = JobIndex(in: cache, stateID: stateID)
            try Self.sweep(jobs)
            for name in try Directory.names(in: cache) where name.hasPrefix(Self.imageCopyPrefix) {
                try? TreeRemoval.remove(name, in: cache)
            }
            reserve = SpaceReserve(path: layout.reserve)
            // On a disk that is full already there is none, and what runs is taken up all the same.
            try? reserve.fill()
        } catch let error as PhjobError {
            throw error
        } catch {
            throw PhjobError(
                .unavailable, "the state directory \(path) cannot be used: \(error)",
                hint: "choose another with PHJOB_STATE, or mend this one")
        }
    }

    private static func check(_ directory: Descriptor, _ path: String) throws {
        let status = try directory.status()
        guard status.st_uid == geteuid() else {
            throw PhjobError(
                .unavailable, "the state directory \(path) belongs to another user (uid \(status.st_uid))",
                hint: "choose your own with PHJOB_STATE")
        }
        guard status.st_mode & 0o022 == 0 else {
            throw PhjobError(
                .unavailable, "the state directory \(path) can be written by others", hint: "run 'chmod 700 \(path)'")
        }
    }

    /// The id of a state directory, in use or not; `nil` if it has none or we may not read it.
    package static func stateID(of layout: StateLayout) -> String? {
        (try? Directory.open(layout.root)).flatMap { try? readID(in: $0) }
    }

    /// The record of a job of a state directory, in use or not; `nil` if there is none, or it cannot be read.
    package static func record(_ id: JobID, of layout: StateLayout) -> JobRecord? {
        let file = try? Descriptor(opening: layout.job(id).record, flags: O_RDONLY | O_NOFOLLOW)
        let bytes = try? file?.readAll(limit: JobRecordCoding.maximumSize)
        return bytes.flatMap { try? JobRecordCoding.decode($0, id: id) }
    }

    /// - Returns: `nil` if the file is damaged.
    private static func readID(in root: Descriptor) throws(SystemError) -> String? {
        let file = try Descriptor(opening: "id", in: root, flags: O_RDONLY)
        let text = String(decoding: try file.readAll(limit: 64), as: UTF8.self).filter { !$0.isWhitespace }
        return text.utf8.count == 16 && text.allSatisfy(\.isHexDigit) ? text : nil
    }

    private static func readOrMakeID(in root: Descriptor) throws -> String {
        do throws(SystemError) {
            if let id = try readID(in: root) { return id }
        } catch {
            guard error.number == ENOENT else { throw error }
            return try makeID(in: root)
        }
        // With another id the containers of running jobs would be strangers, so none is made up.
        throw PhjobError(
            .unavailable, "the file 'id' of the state directory is damaged",
            hint: "write the label 'phjob.state' of its containers into it; if there are none, remove it")
    }

    private static func makeID(in root: Descriptor) throws(SystemError) -> String {
        let id = String(UInt64.random(in: UInt64.max / 16 + 1...UInt64.max), radix: 16)
        try AtomicFile.write(Array("\(id)\n".utf8), to: "id", in: root)
        return id
    }

    /// Removes what a runner that died was in the middle of making or removing.
    private static func sweep(_ jobs: Descriptor) throws {
        for name in try Directory.names(in: jobs) where name.hasPrefix(newPrefix) || name.hasPrefix(gonePrefix) {
            try? TreeRemoval.remove(name, in: jobs)
        }
    }

    /// Removes what a runner that died in the middle of ``save(_:)`` left. Call it before anything is saved.
    package func removeTemporaries(of id: JobID) throws {
        let directory = try Descriptor(opening: id.text, in: jobs, flags: O_RDONLY | O_DIRECTORY)
        for name in try Directory.names(in: directory)
        where name.hasPrefix(".") && name.hasSuffix(AtomicFile.temporarySuffix) {
            try TreeRemoval.remove(name, in: directory)
        }
    }

    /// Makes a job's directory and record. When this returns, the job survives a power cut.
    ///
    /// - Throws: ``SystemError`` and others; then there is no such job.
    package func create(_ record: inout JobRecord) throws {
        try keepReserve()
        let id = record.job.id
        let temporary = Self.newPrefix + id.text
        let path = "\(layout.jobs)/\(temporary)"
        var first = record
        first.revision = 1
        do {
            try TreeRemoval.remove(temporary, in: jobs)
            try Directory.create(path)
            let directory = try Directory.open(path)
            let file = try Descriptor(
                opening: JobLayout.recordName, in: directory, flags: O_CREAT | O_EXCL | O_WRONLY, mode: 0o600)
            try file.write(JobRecordCoding.encode(first))
            // RENAME_NOREPLACE is not needed: a directory with a record in it is never empty, so it cannot be replaced.
            try retrying("cannot make the directory of \(id)") {
                renameat(jobs.number, temporary, jobs.number, id.text)
            }
            do {
                // All at once: after the rename the three cost one commit of the file system's journal, before it two. A power
                // cut before the last of them may leave an empty record of a job that nobody was told of; it is set aside.
                try file.synchronize()
                try directory.synchronize()
                try jobs.synchronize()
            } catch {
                // The caller is told that there is no such job, so there must be none after the next start either.
                renameat(jobs.number, id.text, jobs.number, temporary)
                throw error
            }
        } catch {
            try? TreeRemoval.remove(temporary, in: jobs)
            throw error
        }
        record = first
    }

    /// Replaces a job's record. When this returns, the change survives a power cut.
    ///
    /// What a full disk must not swallow, an end or what happens to a job that runs, is given room from the reserve.
    ///
    /// - Throws: ``SystemError`` and others; then `record` is as it was, and so is the disk as far as it can be written
    ///   to.
    package func save(_ record: inout JobRecord) throws {
        while true {
            do {
                return try replace(&record)
            } catch let error as SystemError where error.isOutOfSpace {
                guard record.job.phase == .running || record.job.phase.isFinal, reserve.release() else { throw error }
            }
        }
    }

    private func replace(_ record: inout JobRecord) throws {
        let directory = try Directory.open(layout.job(record.job.id).root)
        let old = try Descriptor(opening: JobLayout.recordName, in: directory, flags: O_RDONLY | O_NONBLOCK)
        var next = record
        next.revision += 1
        try AtomicFile.place(JobRecordCoding.encode(next), at: JobLayout.recordName, in: directory)
        do {
            try directory.synchronize()
        } catch {
            // The caller is told that nothing has changed, and goes by that: the next runner must not find otherwise.
            // Where this fails too, the next save overwrites it.
            if let bytes = try? old.readAll(limit: JobRecordCoding.maximumSize) {
                try? AtomicFile.write(bytes, to: JobLayout.recordName, in: directory)
            }
            throw error
        }
        record = next
    }

    /// Sees to it that there is room for the results of the jobs that run, however full the disk becomes.
    ///
    /// - Throws: ``SystemError`` if there is none now; then nothing new should be begun.
    package func keepReserve() throws(SystemError) { try reserve.fill() }

    /// Whether the disk has had room for the reserve since it was last asked for.
    var hasReserve: Bool { reserve.isWhole }

    /// Reads one record.
    ///
    /// - Throws: ``JobRecordCoding/Failure`` or ``SystemError``.
    package func load(_ id: JobID) throws -> JobRecord {
        let directory = try Descriptor(opening: id.text, in: jobs, flags: O_RDONLY | O_DIRECTORY)
        let file = try Descriptor(opening: JobLayout.recordName, in: directory, flags: O_RDONLY | O_NONBLOCK)
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
            throw JobRecordCoding.Failure.damaged("it is not an ordinary file of its own")
        }
        guard status.st_uid == geteuid() else {
            throw JobRecordCoding.Failure.damaged("it belongs to another user (uid \(status.st_uid))")
        }
        return try JobRecordCoding.decode(file.readAll(limit: JobRecordCoding.maximumSize), id: id)
    }

    /// The ids of all jobs; whatever else lies among their directories is set aside.
    package func ids() throws -> [JobID] {
        try Directory.names(in: jobs).compactMap { name in
            if let id = JobID(name) { return id }
            // One that cannot be moved harms nothing where it is.
            if !name.hasPrefix(".") { try? setAside(name, because: "its name is no job id") }
            return nil
        }
    }

    /// Moves what cannot be read out of the way, and says why beside it. Nothing is deleted.
    package func setAside(_ name: String, because reason: String) throws {
        let target = "\(name).\(UInt32.random(in: 0..<1_000_000))"
        let directory = try Directory.open(layout.quarantine)
        // The reason first: a crash in between leaves nothing there that nobody can explain.
        try AtomicFile.write(Array("\(reason)\n".utf8), to: "\(target).reason", in: directory)
        do {
            try retrying("cannot set \(name) aside") { renameat(jobs.number, name, directory.number, target) }
        } catch {
            unlinkat(directory.number, "\(target).reason", 0)
            throw error
        }
        try directory.synchronize()
        try jobs.synchronize()
    }

    /// What was set aside, by its name, with the reason.
    package func quarantined() -> [(name: String, reason: String)] {
        guard let directory = try? Directory.open(layout.quarantine), let names = try? Directory.names(in: directory)
        else { return [] }
        return names.filter { $0.hasSuffix(".reason") }.sorted().map { name in
            let bytes = try? Descriptor(opening: name, in: directory, flags: O_RDONLY).readAll(limit: 64 << 10)
            let reason = String(decoding: bytes ?? [], as: UTF8.self).split(whereSeparator: \.isNewline).joined(
                separator: " ")
            return (String(name.dropLast(".reason".count)), reason)
        }
    }

    /// Removes parts of a job's directory. That one is missing is no error.
    package func remove(_ names: [String], of id: JobID) throws {
        let directory = try Descriptor(opening: id.text, in: jobs, flags: O_RDONLY | O_DIRECTORY)
        for name in names { try TreeRemoval.remove(name, in: directory) }
    }
}
