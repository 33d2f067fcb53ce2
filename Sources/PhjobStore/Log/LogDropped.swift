import Glibc
import PhjobCore
import PhjobSystem

/// What is missing from a log that has reached its bound, between its first file and its newest.
package struct LogDropped: Sendable, Equatable {
    /// Bytes of the log, with the times that stand before each line.
    package var first: Int64
    package var last: Int64
    /// What is missing; `nil` if nothing tells how much it is.
    package var dropped: Int64?
    /// `false` if more is missing than ``dropped``.
    package var isExact: Bool

    package init(first: Int64, last: Int64, dropped: Int64?, isExact: Bool) {
        self.first = first
        self.last = last
        self.dropped = dropped
        self.isExact = isExact
    }

    /// Of a log as it is now; `nil` if nothing is missing.
    package init?(of layout: JobLayout) {
        guard let head = Self.open(layout.logHead), let newest = Self.open(layout.log),
            let (headFile, newestFile) = try? (LogFileIdentity(head), LogFileIdentity(newest)), headFile != newestFile,
            let (first, last) = try? (Int64(head.status().st_size), Int64(newest.status().st_size))
        else { return nil }
        guard let before = LogBefore.read(layout.logBefore) else {
            self.init(first: first, last: last, dropped: nil, isExact: false)
            return
        }
        let dropped = max(0, before.bytes - first)
        if dropped == 0, before.isExact { return nil }
        self.init(first: first, last: last, dropped: dropped == 0 ? nil : dropped, isExact: before.isExact)
    }

    private static func open(_ path: String) -> Descriptor? {
        try? Descriptor(opening: path, flags: O_RDONLY | O_NOFOLLOW)
    }

    /// In words, for a person.
    package var text: String {
        let size = { (bytes: Int64) in MemorySize(bytes: bytes).description }
        let what = dropped.map { Self.words($0, isExact: isExact) } ?? "how much was dropped between them is not known"
        return
            "it reached its bound (limits.logMaxSize): the first \(size(first)) and the last \(size(last)) are kept, \(what)"
    }

    /// `1234 bytes (1.2K) between them were dropped`.
    private static func words(_ bytes: Int64, isExact: Bool) -> String {
        "\(isExact ? "" : "at least ")\(bytes) bytes (\(MemorySize(bytes: bytes))) between them were dropped"
    }
}
