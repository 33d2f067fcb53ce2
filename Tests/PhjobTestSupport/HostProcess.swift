package import Glibc
package import PhjobSystem

/// What tests ask of processes and descriptors.
package enum HostProcess {
    /// Runs a script in `/bin/sh` to its end.
    @discardableResult
    package static func shell(_ script: String, timeout: Double = patience) throws -> ProcessResult {
        let path = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
        return try ChildProcess(ProcessCommand("/bin/sh", ["-c", script], environment: path), timeout: timeout).run()
    }

    /// Whether `pid` runs; what is left of one that nobody has waited for does not count.
    package static func isAlive(_ pid: pid_t) -> Bool {
        ProcessTable.startTicks(of: pid) != nil
    }

    /// The numbers of a process's children, whether they run or have ended.
    package static func children(of parent: pid_t = getpid()) throws -> [pid_t] {
        try Directory.names(in: Directory.open("/proc")).compactMap { pid_t($0) }.filter { pid in
            let path = "/proc/\(pid)/stat"
            guard let bytes = try? Descriptor(opening: path, flags: O_RDONLY).readAll(limit: 8192) else { return false }
            let fields = String(decoding: bytes, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 1 && pid_t(fields[1]) == parent
        }
    }

    /// The other processes that run and have `text` in their arguments or their environment, with their arguments.
    package static func mentioning(_ text: String) -> [(pid: pid_t, line: String)] {
        guard let names = try? Directory.names(in: Directory.open("/proc")) else { return [] }
        let wanted = Array(text.utf8)
        return names.compactMap { name in
            guard let pid = pid_t(name), pid != getpid(), isAlive(pid) else { return nil }
            let files = ["cmdline", "environ"].map { file in
                (try? Descriptor(opening: "/proc/\(pid)/\(file)", flags: O_RDONLY).readAll(limit: 1 << 20)) ?? []
            }
            guard files.contains(where: { $0.contains(wanted) }) else { return nil }
            return (pid, String(decoding: files[0].map { $0 == 0 ? 32 : $0 }, as: UTF8.self))
        }
    }

    /// The arguments that a process shows; empty if it has ended. For processes that the test has started itself.
    package static func arguments(of pid: pid_t) -> [String] {
        let bytes = (try? Descriptor(opening: "/proc/\(pid)/cmdline", flags: O_RDONLY).readAll(limit: 1 << 20)) ?? []
        return bytes.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// The processes with such arguments.
    package static func entries(where isWanted: ([String]) -> Bool) -> [ProcessEntry] {
        ProcessTable.numbers.filter { isWanted(arguments(of: $0)) }.compactMap { ProcessTable.entry(of: $0) }
    }

    /// What the open descriptors of this process lead to, by number.
    package static func descriptors() throws -> [Int32: String] {
        let directory = try Directory.open("/proc/self/fd")
        var result: [Int32: String] = [:]
        for name in try Directory.names(in: directory) {
            var buffer = [CChar](repeating: 0, count: 4096)
            let count = readlinkat(directory.number, name, &buffer, buffer.count)
            guard count > 0, let number = Int32(name), number != directory.number else { continue }
            result[number] = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
        return result
    }

    /// The most memory that a process had at once, in bytes; this one's if none is named.
    package static func peakMemory(of pid: pid_t? = nil) throws -> Int {
        let process = pid.map { "\($0)" } ?? "self"
        let bytes = try Descriptor(opening: "/proc/\(process)/status", flags: O_RDONLY).readAll(limit: 64 << 10)
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }

    package static var isRoot: Bool { geteuid() == 0 }
}
