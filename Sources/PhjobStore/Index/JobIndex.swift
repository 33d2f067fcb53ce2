import Glibc
import PhjobCore
import PhjobSystem

/// A file with a summary of every job that is done with, so that a start need not read their records.
///
/// It is derived: each row names the version of the record that it was taken from, and counts for nothing if that is not
/// the record that is there. Rows are appended; a later row of a job takes the place of an earlier one. Nothing waits for
/// the disk: what a crash takes from it is read from the records again.
final class JobIndex: Sendable {
    private let directory: Descriptor
    private let stateID: String

    static let name = "jobs.index"
    private static let magic = "phjob index 3 "
    /// The largest file that is read, in bytes: beyond it the records themselves are.
    private static let maximumSize = 1 << 30

    /// - Parameters:
    ///   - directory: where the file is.
    ///   - stateID: the state directory's id; the index of another one is not read.
    init(in directory: Descriptor, stateID: String) {
        self.directory = directory
        self.stateID = stateID
    }

    private var header: [UInt8] { Array("\(Self.magic)\(stateID)\n".utf8) }

    /// The rows as far as they can be read, in the order in which they were written, and whether that was all of the file.
    func read() -> (rows: [IndexRow], isWhole: Bool) {
        guard let file = try? Descriptor(opening: Self.name, in: directory, flags: O_RDONLY | O_NONBLOCK),
            let status = try? file.status(), status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
            let bytes = try? file.readAll(limit: Self.maximumSize)
        else { return ([], false) }
        return bytes.withUnsafeBytes { rows(in: $0) }
    }

    private func rows(in bytes: UnsafeRawBufferPointer) -> (rows: [IndexRow], isWhole: Bool) {
        guard bytes.starts(with: header) else { return ([], false) }
        var rows: [IndexRow] = []
        var shared: Set<String> = []
        var offset = header.count
        while offset < bytes.count {
            guard let row = IndexRow(bytes, at: &offset, sharing: &shared) else { return (rows, false) }
            rows.append(row)
        }
        return (rows, true)
    }

    /// Adds rows.
    func append(_ rows: [IndexRow]) throws(SystemError) {
        if rows.isEmpty { return }
        let file = try Descriptor(opening: Self.name, in: directory, flags: O_WRONLY | O_APPEND)
        try file.write(Self.encode(rows))
    }

    /// Makes the file hold exactly these rows.
    func replace(with rows: [IndexRow]) throws(SystemError) {
        try AtomicFile.write(header + Self.encode(rows), to: Self.name, in: directory)
    }

    private static func encode(_ rows: [IndexRow]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(rows.count * 192)
        for row in rows { row.encode(into: &bytes) }
        return bytes
    }
}
