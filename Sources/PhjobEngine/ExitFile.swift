import Glibc
package import PhjobCore
package import PhjobSystem

/// A file that a container's monitor makes when the container has ended, with the exit code in it (conmon(8), `--exit-dir`).
package struct ExitFile: ExitNotice, Equatable {
    private let directory: String
    private let name: String

    package init(directory: String, name: String) {
        self.directory = directory
        self.name = name
    }

    package func wait(until deadline: Monotonic) -> ContainerExit? { wait(in: directory, until: deadline, read: read) }

    private func read() -> ContainerExit? {
        guard let file = try? Descriptor(opening: "\(directory)/\(name)", flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
            let status = try? file.status(), status.st_mode & S_IFMT == S_IFREG, status.st_uid == geteuid(),
            let bytes = try? file.readAll(limit: 16),
            let code = Int32(String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }),
            (0...255).contains(code)
        else { return nil }
        let time = status.st_mtim
        let end = Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
        return ContainerExit(exitCode: code, startTime: nil, finishTime: end)
    }
}
