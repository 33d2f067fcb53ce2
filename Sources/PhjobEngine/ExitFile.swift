import Glibc
package import PhjobCore
package import PhjobSystem

/// A file that a container's monitor makes when the container has ended, with the exit code in it (conmon(8), `--exit-dir`).
///
/// It is there for a moment only: the monitor starts podman's clean-up next, which takes the code over and removes the file,
/// and ends when that has (podman, `libpod/container_internal.go`).
package struct ExitFile: ExitNotice {
    private let directory: String
    private let containerID: String
    private let findMonitor: @Sendable () -> ProcessEntry?

    /// - Parameter monitor: finds who will write it; `nil` if nothing will any more.
    package init(
        directory: String, containerID: String, monitor: @escaping @Sendable () -> ProcessEntry? = { nil }
    ) {
        self.directory = directory
        self.containerID = containerID
        findMonitor = monitor
    }

    package func wait(until deadline: Monotonic) -> ContainerExit? {
        if let found = read() { return found }
        guard let process = findMonitor(),
            let end = PidDescriptor.open(pid: process.pid, startTicks: process.startTicks)
        else {
            // It may have come between the first look and the monitor's end.
            return read()
        }
        return wait(in: directory, until: deadline, orEndOf: end, read: read)
    }

    private func read() -> ContainerExit? {
        guard let directory = try? Directory.open(directory), directory.isOursAlone,
            let file = try? Descriptor(opening: containerID, in: directory, flags: O_RDONLY | O_NONBLOCK),
            let status = try? file.status(), status.st_mode & S_IFMT == S_IFREG, file.isOursAlone,
            let bytes = try? file.readAll(limit: 16),
            let code = Int32(String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }),
            (0...255).contains(code)
        else { return nil }
        let time = status.st_mtim
        let end = Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
        return ContainerExit(exitCode: code, startTime: nil, finishTime: end)
    }
}
