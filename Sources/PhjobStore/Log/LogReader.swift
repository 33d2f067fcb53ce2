import Glibc
import PhjobCore
import PhjobSystem

/// Reads a job's log from its files, as far as it has been written, again and again.
///
/// A log has up to three parts: what was said before the container started, the first file of the engine, and the
/// newest one if the first has reached its bound. A file that is replaced while it is read is read to its end.
package struct LogReader {
    private let layout: JobLayout
    private let since: Timestamp?
    /// Called before each read with its number of bytes; what it throws ends the reading.
    private let beforeRead: (Int) throws -> Void
    private var renderer: LogRenderer
    private var parts: [Part]
    private var current: Descriptor?
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)
    /// Whether it has come to the engine's files.
    private var hasEntered = false
    /// Where in all that the engine has printed the reading of its files began; `nil` if nothing tells.
    private var start: Int64?
    /// Bytes of the engine's files that were read.
    private var readBytes: Int64 = 0
    /// Whether it has gone from one file to another without knowing what was between them.
    private var hasSkipped = false

    private enum Part {
        case preparation
        case head
        case newest
    }

    /// Seconds by which times in a log may step back: two streams are stamped side by side, and clocks are corrected.
    private static let disorder: Int64 = 60
    /// No record is shorter: a time, a space, the stream's name, a space, a tag and a line feed.
    private static let shortestRecord: Int64 = 24

    /// - Parameter beforeRead: called before each read with its number of bytes; what it throws ends the reading.
    package init(
        _ layout: JobLayout, _ options: LogRenderer.Options, beforeRead: @escaping (Int) throws -> Void = { _ in }
    ) {
        self.layout = layout
        since = options.since
        self.beforeRead = beforeRead
        renderer = LogRenderer(options)
        parts = [.preparation, .head, .newest]
    }

    /// Whether there is anything to read at all.
    package static func exists(_ layout: JobLayout) -> Bool {
        [layout.log, layout.logHead, layout.preparationLog].contains { (path: String) in access(path, F_OK) == 0 }
    }

    /// Skips what is not wanted of what is written so far: all but the last `count` lines, and what is older than the
    /// options' `since`. It reads little more than what is wanted.
    ///
    /// - Parameter count: `nil` for all lines.
    package mutating func skip(toLast count: Int? = nil) throws {
        guard count != nil || since != nil else { return }
        var found: [(part: Part, file: Descriptor, offset: Int64)] = []
        let files = try existingParts()
        let total = try files.reduce(Int64(0)) { try $0 + Int64($1.file.status().st_size) }
        // More lines than there can be are all lines.
        var wanted = count.flatMap { Int64($0) > total / Self.shortestRecord + Int64(files.count) ? nil : $0 }
        guard wanted != nil || since != nil else { return }
        for (part, file) in files.reversed() where wanted.map({ $0 > 0 }) ?? true || found.isEmpty {
            var offset: Int64 = 0
            if let lines = wanted {
                let position = try LogTail.position(ofLast: lines, in: file, beforeRead: beforeRead)
                wanted = lines - position.lines
                offset = position.offset
            }
            let first = try firstWanted(in: file)
            found.append((part, file, max(offset, first)))
            // What is older than the first wanted line of this file is in no earlier one.
            if first > 0 { break }
        }
        guard let (part, file, offset) = found.last else { return }
        lseek(file.number, off_t(offset), SEEK_SET)
        parts = Array([Part.preparation, .head, .newest].drop { $0 != part })
        enter(part, file, offset: offset)
    }

    /// Where the first record is that may not be older than `since`.
    private func firstWanted(in file: Descriptor) throws -> Int64 {
        guard let time = since?.adding(seconds: -Self.disorder) else { return 0 }
        return try LineSearch(file, beforeRead: beforeRead).offset { line in
            LogRecord(line).flatMap { Timestamp(String(decoding: $0.time, as: UTF8.self)) }.map { $0 < time }
        }
    }

    /// The files that there are, each once: until it has reached its bound, the first file is the newest too.
    private func existingParts() throws -> [(part: Part, file: Descriptor)] {
        var result: [(part: Part, file: Descriptor)] = []
        for part in parts {
            guard let file = open(part) else { continue }
            if let last = result.last, try LogFileIdentity(last.file) == LogFileIdentity(file) { result.removeLast() }
            result.append((part, file))
        }
        return result
    }

    /// Bytes that there are still to read of what is written now.
    package func remaining() throws -> Int64 {
        var rest: Int64 = 0
        for (index, (_, file)) in try existingParts().enumerated() {
            rest += Int64(try file.status().st_size)
            if index == 0, let current { rest -= Int64(lseek(current.number, 0, SEEK_CUR)) }
        }
        return max(0, rest)
    }

    /// What this reader has not got of what it was to read, because the log has reached its bound; `nil` if it has got all.
    ///
    /// - Returns: bytes of the log, with the times that stand before each line; or `nil` within it if nothing tells how many.
    package func missing() -> Missing? {
        guard let newest = open(.newest), let size = try? newest.status().st_size else { return nil }
        guard let start, let before = LogBefore.read(layout.logBefore),
            (try? LogFileIdentity(newest)) == before.newest
        else { return hasSkipped ? Missing(bytes: nil) : nil }
        let missing = before.bytes + Int64(size) - start - readBytes
        if missing > 0 { return Missing(bytes: missing, isExact: before.isExact) }
        return before.isExact || !hasSkipped ? nil : Missing(bytes: nil)
    }

    /// What a reader has not got.
    package struct Missing: Sendable, Equatable {
        /// `nil` if nothing tells how many.
        package var bytes: Int64?
        /// `false` if there may be more.
        package var isExact = true

        /// In words, for a person.
        package var text: String {
            let bound = "it has reached its bound (limits.logMaxSize)"
            guard let bytes else { return "\(bound), and how much is missing between two of its parts is not known" }
            let amount = "\(bytes) bytes (\(MemorySize(bytes: bytes)))"
            return "\(bound), and \(isExact ? "" : "at least ")\(amount) of its middle are missing"
        }
    }

    /// Hands on everything that has been written since the last call.
    package mutating func read(_ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        while let part = parts.first {
            if current == nil, let file = open(part) { enter(part, file, offset: 0) }
            try readOn(emit)
            // A file that is over is read once more: its last bytes may have come between the reading and the look.
            switch part {
            case .preparation:
                guard hasEngineLog else { return }
                if current == nil { current = open(part) }
                try readOn(emit)
            case .head:
                // Without a newer file, the first is the newest, and is read on as such.
                guard let newest = open(.newest) else { return }
                if let current, try LogFileIdentity(newest) == LogFileIdentity(current) {
                    parts = [.newest]
                    continue
                }
                if current != nil { try leave(emit) }
                parts.removeFirst()
                enter(.newest, newest, offset: 0)
                continue
            case .newest:
                guard let current else { return }
                guard let newest = open(.newest), try LogFileIdentity(newest) != LogFileIdentity(current) else {
                    return
                }
                try leave(emit)
                enter(.newest, newest, offset: 0)
                continue
            }
            current = nil
            parts.removeFirst()
        }
    }

    /// Begins with a file of the engine.
    private mutating func enter(_ part: Part, _ file: Descriptor, offset: Int64) {
        current = file
        guard !hasEntered, part != .preparation else { return }
        hasEntered = true
        guard part == .newest, let before = LogBefore.read(layout.logBefore) else {
            start = offset
            return
        }
        // It is counted a moment after it was made.
        if (try? LogFileIdentity(file)) == before.newest { start = before.bytes + offset }
    }

    /// Reads a file that was replaced to its end, and closes what was open in it.
    private mutating func leave(_ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        try readOn(emit)
        hasSkipped = true
        try renderer.endLine(emit: emit)
    }

    /// Hands on what the current file has beyond what was read of it.
    private mutating func readOn(_ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let current else { return }
        while true {
            try beforeRead(buffer.count)
            let count = try retrying("cannot read the log") { Glibc.read(current.number, &buffer, buffer.count) }
            if count == 0 { return }
            if hasEntered { readBytes += Int64(count) }
            try buffer.withUnsafeBytes {
                try renderer.append(UnsafeRawBufferPointer(rebasing: $0[..<count]), emit: emit)
            }
        }
    }

    /// Hands on a last record that was torn. Call it once, after the log is complete.
    package mutating func finish(_ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        try renderer.finish(emit: emit)
    }

    private var hasEngineLog: Bool { access(layout.log, F_OK) == 0 || access(layout.logHead, F_OK) == 0 }

    private func open(_ part: Part) -> Descriptor? {
        let path =
            switch part {
            case .preparation: layout.preparationLog
            case .head: layout.logHead
            case .newest: layout.log
            }
        return try? Descriptor(opening: path, flags: O_RDONLY | O_NOFOLLOW)
    }
}
