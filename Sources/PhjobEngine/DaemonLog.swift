import Glibc
package import PhjobCore
package import PhjobSystem

/// A container's log as docker's daemon keeps it (its json-file driver), for whoever may read that.
///
/// Read here it costs no client, and a fraction of the time of `docker logs`.
package struct DaemonLog: Sendable {
    private let directory: String
    private let newest: String
    /// What was the newest until it reached its bound.
    private let older: String

    /// Nil if it cannot be read, or not all of it.
    init?(directory: String, name: String) {
        self.directory = directory
        newest = "\(directory)/\(name)"
        older = "\(newest).1"
        // Compressed by a setting of the daemon's (`compress`): that is left to the daemon.
        guard access(newest, R_OK) == 0, access("\(older).gz", F_OK) != 0 else { return nil }
    }

    /// Hands on the log as `docker logs --timestamps` prints it.
    ///
    /// - Parameters:
    ///   - since: a time as docker prints it; most of what is older is not read.
    ///   - follow: goes on with what comes.
    ///   - abandon: when it becomes readable, no more is wanted.
    /// - Throws: ``EngineError`` if it cannot be read, or what `emit` threw.
    package func read(
        since: String? = nil, follow: Bool = false, abandon: Descriptor? = nil,
        _ emit: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        // Two streams are stamped side by side, so times may step back a little.
        let start = since.flatMap { Timestamp($0)?.adding(seconds: -10).description.prefix(Self.secondsLength).utf8 }
        let wanted = start.map(Array.init)
        let watch = follow ? try Self.reading(FileWatch.init) : nil
        try Self.reading { () throws(SystemError) in try watch?.add(directory, .entries) }
        var part = try Part(newest, since: wanted)
        try readOlder(than: [part.inode], since: wanted, abandon, emit)
        while true {
            watch?.drain()
            try? watch?.add(newest, .content)
            // Looked for before reading: a file that has been replaced gets no more lines. For a moment there may be none.
            let next = try? Part(newest)
            guard try part.read(abandon, emit) else { return }
            if let next, next.inode != part.inode {
                // Another may have come and gone between the two.
                try readOlder(than: [part.inode, next.inode], since: nil, abandon, emit)
                part = next
            } else {
                guard let watch, let abandon else { return }
                let ready = try Self.reading { () throws(SystemError) in
                    try Poll.readable([watch.descriptor.number, abandon.number])
                }
                if ready[1] { return }
            }
        }
    }

    /// The time of the first line that docker still has, if it has dropped lines that are in no copy.
    ///
    /// It keeps two files, so that nothing is dropped as long as the older one is the container's first: that one is made
    /// before the container starts (moby, `daemon/start.go`).
    ///
    /// - Parameters:
    ///   - since: up to when there is a copy, as docker prints it; `nil` if there is none.
    ///   - start: when the container started.
    package func firstAfterLoss(since: String?, start: Timestamp?) -> String? {
        guard let file = try? Descriptor(opening: older, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK) else { return nil }
        if let start, let birth = file.birthTime, birth <= start.milliseconds { return nil }
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        let count = pread(file.number, &buffer, buffer.count, 0)
        var decoder = DaemonLogDecoder()
        let text = buffer.withUnsafeBytes { decoder.decode(UnsafeRawBufferPointer(rebasing: $0[..<max(0, count)])) }
        let first = String(decoding: text.prefix { $0 != UInt8(ascii: " ") }, as: UTF8.self)
        // All times have the same form, so that they are in the order of their texts.
        guard !first.isEmpty, since.map({ $0 < first }) ?? true else { return nil }
        return first
    }

    /// The length of a time up to its seconds.
    private static let secondsLength = "0000-00-00T00:00:00".utf8.count

    private func readOlder(
        than others: [UInt64], since: [UInt8]?, _ abandon: Descriptor?, _ emit: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard access(older, F_OK) == 0 else { return }
        var part = try Part(older, since: since)
        if !others.contains(part.inode) { _ = try part.read(abandon, emit) }
    }

    /// What cannot be read is a matter of the engine's, not of where `emit` writes to.
    private static func reading<Value>(_ body: () throws(SystemError) -> Value) throws(EngineError) -> Value {
        do throws(SystemError) {
            return try body()
        } catch {
            throw .unreachable("its log cannot be read: \(error)")
        }
    }

    /// One of the files.
    private struct Part {
        let inode: UInt64
        private let file: Descriptor
        private var decoder = DaemonLogDecoder()
        private var buffer: [UInt8] = []

        /// - Parameter since: a time up to its seconds; lines before it are skipped.
        init(_ path: String, since: [UInt8]? = nil) throws(EngineError) {
            let (file, inode) = try DaemonLog.reading { () throws(SystemError) in
                let file = try Descriptor(opening: path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
                // The daemon says where its files are; in another's place there are none.
                guard file.isOursOrRoots else { throw SystemError("\(path) is not the daemon's", number: EPERM) }
                return (file, UInt64(try file.status().st_ino))
            }
            (self.file, self.inode) = (file, inode)
            guard let since else { return }
            // What cannot be searched is read from its beginning.
            let offset = try? LineSearch(file).offset { line in
                DaemonLogDecoder.seconds(of: line).map { $0.lexicographicallyPrecedes(since) }
            }
            lseek(file.number, off_t(offset ?? 0), SEEK_SET)
        }

        /// Hands on what it has beyond what was read of it.
        ///
        /// - Returns: false if `abandon` has become readable.
        mutating func read(_ abandon: Descriptor?, _ emit: (UnsafeRawBufferPointer) throws -> Void) throws -> Bool {
            if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: 256 << 10) }
            while true {
                if let abandon, (try? Poll.readable([abandon.number], until: .now)) == [true] { return false }
                let count = try DaemonLog.reading { () throws(SystemError) in
                    try retrying("cannot read it") { Glibc.read(file.number, &buffer, buffer.count) }
                }
                if count == 0 { return true }
                let text = buffer.withUnsafeBytes { decoder.decode(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                try text.withUnsafeBytes { try emit($0) }
            }
        }
    }
}
