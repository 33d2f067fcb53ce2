import Glibc
package import PhjobCore
package import PhjobSystem

/// A file that a container's monitor makes when the container has ended, with the exit code in it.
///
/// It says what `inspect` would say a little later, without a client that takes as long to start as many a job to run.
package struct ExitFile: Sendable, Equatable {
    private let directory: String
    private let name: String

    package init(directory: String, name: String) {
        self.directory = directory
        self.name = name
    }

    /// Waits for the file.
    ///
    /// - Returns: the exit code and the time of the end; nil if it does not come, or holds anything but an exit code.
    package func wait(until deadline: Monotonic) -> (exitCode: Int32, time: Timestamp)? {
        guard let watch = try? FileWatch(), (try? watch.add(directory, .entries)) != nil else { return read() }
        while true {
            // Looked for after the watch has begun: it cannot come unseen.
            if let found = read() { return found }
            guard (try? Poll.readable([watch.descriptor.number], until: deadline)) == [true] else { return nil }
            watch.drain()
        }
    }

    private func read() -> (exitCode: Int32, time: Timestamp)? {
        guard let file = try? Descriptor(opening: "\(directory)/\(name)", flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
            let status = try? file.status(), status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
            let bytes = try? file.readAll(limit: 16),
            let code = Int32(String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }),
            (0...255).contains(code)
        else { return nil }
        let time = status.st_mtim
        return (code, Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000))
    }
}
