import Glibc
import PhjobSystem

/// Adds up what an engine prints into the files of one log, of which it begins a new one at a bound.
///
/// It holds the newest file open, so that its size can be read when it has been replaced and has no name any more.
package struct LogGenerations {
    private let layout: JobLayout
    /// No file that was replaced is shorter, in bytes.
    private let leastSize: Int64
    private var newest: Descriptor?
    private var bytes: Int64 = 0
    private var isExact = true

    /// podman begins a new file before a record that does not fit; a record is no longer than this (conmon 2.1.6,
    /// `src/ctr_logging.c`: it reads 8 KiB at a time).
    private static let longestRecord: Int64 = 16 << 10

    /// Goes on where an earlier runner has ended, as far as that is known.
    ///
    /// - Parameter bound: bytes at which the engine begins a new file.
    package init(_ layout: JobLayout, bound: Int64) {
        self.layout = layout
        leastSize = max(0, bound - Self.longestRecord)
        guard let file = Self.open(layout.log), let identity = try? LogFileIdentity(file) else { return }
        newest = file
        if let before = LogBefore.read(layout.logBefore) {
            (bytes, isExact) = (before.bytes, before.isExact)
            if before.newest != identity { addUnseen() }
        } else if let head = Self.open(layout.logHead), let other = try? LogFileIdentity(head), other != identity {
            bytes = Self.size(head)
            isExact = false
        } else {
            return
        }
        save(identity)
    }

    /// The first file has been made.
    package mutating func began() {
        if newest == nil { newest = Self.open(layout.log) }
    }

    /// A file has been replaced; call it once for each that was.
    package mutating func replaced() {
        guard let file = Self.open(layout.log), let identity = try? LogFileIdentity(file) else { return }
        if let newest, (try? LogFileIdentity(newest)) != identity {
            bytes += Self.size(newest)
        } else {
            // Another has come and gone in between, be it before or after the one that is held.
            addUnseen()
        }
        newest = file
        save(identity)
    }

    private mutating func addUnseen() {
        bytes += leastSize
        isExact = false
    }

    private func save(_ newest: LogFileIdentity) {
        // On a full disk the number is missing, which readers are told.
        try? LogBefore(bytes: bytes, isExact: isExact, newest: newest).write(layout.logBefore)
    }

    private static func open(_ path: String) -> Descriptor? {
        try? Descriptor(opening: path, flags: O_RDONLY | O_NOFOLLOW)
    }

    private static func size(_ file: Descriptor) -> Int64 {
        (try? file.status()).map { Int64($0.st_size) } ?? 0
    }
}
