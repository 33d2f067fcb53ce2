package import PhjobCore
import PhjobSystem

/// Turns the bytes of a log file, in pieces of any size, back into what the job printed.
package struct LogRenderer {
    package struct Options: Sendable, Equatable {
        /// Puts its time before each line.
        package var timestamps: Bool
        /// Leaves out what was printed before.
        package var since: Timestamp?

        package init(timestamps: Bool = false, since: Timestamp? = nil) {
            self.timestamps = timestamps
            self.since = since
        }
    }

    private let options: Options
    /// A record whose end has not come yet.
    private var pending: [UInt8] = []
    private var output: [UInt8] = []
    private var isAtLineStart = true

    package init(_ options: Options) {
        self.options = options
    }

    /// Takes the next bytes of the file, and hands on what the job printed.
    ///
    /// - Parameter emit: called at most once; what it is given is valid during the call.
    package mutating func append(
        _ bytes: UnsafeRawBufferPointer, emit: (UnsafeRawBufferPointer) throws -> Void
    ) rethrows {
        var rest = bytes
        if !pending.isEmpty {
            guard let end = rest.offset(of: 0x0a) else {
                pending += rest
                return
            }
            pending += rest[..<end]
            let record = pending
            pending.removeAll(keepingCapacity: true)
            record.withUnsafeBytes { render($0) }
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
        }
        while let end = rest.offset(of: 0x0a) {
            render(UnsafeRawBufferPointer(rebasing: rest[..<end]))
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
        }
        pending += rest
        try flush(emit)
    }

    /// Hands on what is left when the file has come to its end: a record that was torn.
    package mutating func finish(emit: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        let record = pending
        pending = []
        record.withUnsafeBytes { line in
            // A torn record has no line feed to vouch for; what there is of its bytes is shown.
            guard !line.isEmpty, let torn = LogRecord(line) else { return }
            guard isWanted(torn), !torn.content.isEmpty else { return }
            output += torn.content
            isAtLineStart = false
        }
        try flush(emit)
    }

    /// Hands on what is left of a file that another follows. What the other begins with stands on a line of its own if this
    /// file ends with a torn record; else the two are put together as they were printed.
    mutating func endLine(emit: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        guard !pending.isEmpty else { return }
        try finish(emit: emit)
        if !isAtLineStart { output += "\n".utf8 }
        isAtLineStart = true
        try flush(emit)
    }

    private mutating func flush(_ emit: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        guard !output.isEmpty else { return }
        defer { output.removeAll(keepingCapacity: true) }
        try output.withUnsafeBytes { try emit($0) }
    }

    private mutating func render(_ line: UnsafeRawBufferPointer) {
        guard let record = LogRecord(line), isWanted(record) else { return }
        if options.timestamps, isAtLineStart {
            output += record.time
            output.append(UInt8(ascii: " "))
        }
        output += record.content
        if !record.isPartial { output.append(UInt8(ascii: "\n")) }
        isAtLineStart = !record.isPartial
    }

    private func isWanted(_ record: LogRecord) -> Bool {
        guard let since = options.since else { return true }
        guard let time = Timestamp(String(decoding: record.time, as: UTF8.self)) else { return true }
        return time >= since
    }
}
