import Glibc
import PhjobCore
import PhjobSystem

/// Reads a job's log from its files, as far as it has been written, again and again.
///
/// A log has up to three parts: what was said before the container started, the first file of the engine, and the
/// newest one if the first has reached its bound.
package struct LogReader {
    private let layout: JobLayout
    private var renderer: LogRenderer
    private var parts: [Part]
    private var current: Descriptor?
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)

    private enum Part {
        case preparation
        case head
        case newest
    }

    /// Shown between two files of the engine; whether there was another between them cannot be known.
    private static let gap = "[phjob: the log has reached its bound; lines may be missing here]"

    package init(_ layout: JobLayout, _ options: LogRenderer.Options) {
        self.layout = layout
        renderer = LogRenderer(options)
        parts = [.preparation, .head, .newest]
    }

    /// Whether there is anything to read at all.
    package static func exists(_ layout: JobLayout) -> Bool {
        [layout.log, layout.logHead, layout.preparationLog].contains { (path: String) in access(path, F_OK) == 0 }
    }

    /// Skips all but the last `count` lines of what is written so far.
    package mutating func skip(toLast count: Int) throws {
        var wanted = count
        var found: [(Part, Descriptor, Int64)] = []
        for part in [Part.newest, .head, .preparation] where wanted > 0 || found.isEmpty {
            guard let file = open(part) else { continue }
            // Until it has reached its bound, the first file is the newest too.
            if let newer = found.last, try Self.identity(newer.1) == Self.identity(file) { continue }
            let position = try LogTail.position(ofLast: wanted, in: file)
            wanted -= position.lines
            found.append((part, file, position.offset))
        }
        guard let (part, file, offset) = found.last else { return }
        lseek(file.number, off_t(offset), SEEK_SET)
        current = file
        parts = Array([Part.preparation, .head, .newest].drop { $0 != part })
    }

    /// Hands on everything that has been written since the last call.
    package mutating func read(_ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        while let part = parts.first {
            if current == nil { current = open(part) }
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
                if let current, try Self.identity(newest) == Self.identity(current) {
                    parts = [.newest]
                    continue
                }
                if current != nil {
                    try readOn(emit)
                    try renderer.interrupt(Self.gap, emit: emit)
                }
            case .newest:
                guard let current, let newest = open(.newest), try Self.identity(newest) != Self.identity(current)
                else { return }
                try readOn(emit)
                try renderer.interrupt(Self.gap, emit: emit)
                self.current = newest
                continue
            }
            current = nil
            parts.removeFirst()
        }
    }

    /// Hands on what the current file has beyond what was read of it.
    private mutating func readOn(_ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let current else { return }
        while true {
            let count = try retrying("cannot read the log") { Glibc.read(current.number, &buffer, buffer.count) }
            if count == 0 { return }
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

    private static func identity(_ file: Descriptor) throws -> [UInt64] {
        let status = try file.status()
        return [UInt64(status.st_dev), UInt64(status.st_ino)]
    }
}
