import Glibc
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
    ///   - follow: goes on with what comes, until `abandon` becomes readable.
    /// - Throws: ``EngineError`` if it cannot be read, or what `emit` threw.
    package func read(
        follow: Bool = false, abandon: Descriptor? = nil, _ emit: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let watch = follow ? try Self.reading(FileWatch.init) : nil
        try Self.reading { () throws(SystemError) in try watch?.add(directory, .entries) }
        var part = try Part(newest)
        try readOlder(than: [part.inode], emit)
        while true {
            watch?.drain()
            try? watch?.add(newest, .content)
            // Looked for before reading: a file that has been replaced gets no more lines. For a moment there may be none.
            let next = try? Part(newest)
            try part.read(emit)
            if let next, next.inode != part.inode {
                // Another may have come and gone between the two.
                try readOlder(than: [part.inode, next.inode], emit)
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

    private func readOlder(than others: [UInt64], _ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard access(older, F_OK) == 0 else { return }
        var part = try Part(older)
        if !others.contains(part.inode) { try part.read(emit) }
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

        init(_ path: String) throws(EngineError) {
            (file, inode) = try DaemonLog.reading { () throws(SystemError) in
                let file = try Descriptor(opening: path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
                return (file, UInt64(try file.status().st_ino))
            }
        }

        /// Hands on what it has beyond what was read of it.
        mutating func read(_ emit: (UnsafeRawBufferPointer) throws -> Void) throws {
            if buffer.isEmpty { buffer = [UInt8](repeating: 0, count: 256 << 10) }
            while true {
                let count = try DaemonLog.reading { () throws(SystemError) in
                    try retrying("cannot read it") { Glibc.read(file.number, &buffer, buffer.count) }
                }
                if count == 0 { return }
                let text = buffer.withUnsafeBytes { decoder.decode(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
                try text.withUnsafeBytes { try emit($0) }
            }
        }
    }
}
