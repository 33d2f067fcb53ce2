import Glibc

/// What the kernel counted for the processes of a container (cgroups(7)); read while the control group still exists.
///
/// Only a group of the container's own is read: where an engine keeps no limits, its containers are in the group of the session
/// that started it, and what that counts says nothing of them.
package struct ControlGroup: Sendable, Equatable {
    let memoryDirectory: String?
    private let cpuDirectory: String?

    /// The control groups of a container.
    ///
    /// - Parameters:
    ///   - pid: a process of it, which must not have ended yet.
    ///   - container: the engine's id, which is in the name of the container's own group, as in `libpod-<id>.scope`.
    package init?(of pid: Int32, container: String) {
        guard let bytes = try? Descriptor(opening: "/proc/\(pid)/cgroup", flags: O_RDONLY).readAll(limit: 64 << 10)
        else {
            return nil
        }
        self.init(listing: String(decoding: bytes, as: UTF8.self), root: "/sys/fs/cgroup", container: container)
    }

    /// - Parameters:
    ///   - listing: the text of `/proc/<pid>/cgroup`: lines of `<hierarchy>:<controllers>:<path>`.
    ///   - root: where the hierarchies are mounted.
    ///   - container: what only the name of the container's own group holds.
    package init(listing: String, root: String, container: String) {
        var memory: String?
        var cpu: String?
        var unified: String?
        for line in listing.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, let path = Self.ownPath(in: fields[2], of: container) else { continue }
            let controllers = fields[1].split(separator: ",")
            if fields[0] == "0", fields[1].isEmpty { unified = root + path }
            if controllers.contains("memory") { memory = "\(root)/memory\(path)" }
            if controllers.contains("cpuacct") { cpu = "\(root)/\(fields[1])\(path)" }
        }
        memoryDirectory = memory ?? unified
        cpuDirectory = cpu ?? unified
    }

    /// The path up to the group that bears the container's name: the process may be in one below it.
    ///
    /// - Returns: `nil` if there is none.
    static func ownPath(in path: Substring, of container: String) -> String? {
        let parts = path.split(separator: "/")
        guard !container.isEmpty, let own = parts.lastIndex(where: { $0.contains(container) }) else { return nil }
        return "/" + parts[...own].joined(separator: "/")
    }

    /// The most memory in use at once, in bytes.
    package var peakMemory: Int64? {
        memoryDirectory.flatMap { number("\($0)/memory.peak") ?? number("\($0)/memory.max_usage_in_bytes") }
    }

    /// The memory in use now that is not page cache, in bytes: anonymous and shared memory. The kernel keeps no peak of it.
    package var memoryWithoutCache: Int64? {
        guard let memoryDirectory, let text = text("\(memoryDirectory)/memory.stat") else { return nil }
        // Version 1 counts the groups below only in the members that begin with `total_` (memory.rst, section 5.2).
        guard let anonymous = Self.field("total_rss", in: text) ?? Self.field("anon", in: text) else { return nil }
        return anonymous + (Self.field("total_shmem", in: text) ?? Self.field("shmem", in: text) ?? 0)
    }

    /// Processor time used, in seconds.
    package var cpuSeconds: Double? {
        guard let cpuDirectory else { return nil }
        if let microseconds = field("usage_usec", inFile: "\(cpuDirectory)/cpu.stat") {
            return Double(microseconds) / 1e6
        }
        return number("\(cpuDirectory)/cpuacct.usage").map { Double($0) / 1e9 }
    }

    /// How many processes were killed because the group had used up its memory.
    package var outOfMemoryKills: Int64? {
        memoryDirectory.flatMap {
            field("oom_kill", inFile: "\($0)/memory.events") ?? field("oom_kill", inFile: "\($0)/memory.oom_control")
        }
    }

    /// The bound on memory in bytes; nil if there is none.
    package var memoryLimit: Int64? {
        // Version 1 has no word for "none": it shows the largest number, rounded down to whole pages.
        memoryDirectory.flatMap { number("\($0)/memory.max") ?? number("\($0)/memory.limit_in_bytes") }
            .flatMap { $0 < Int64.max - (1 << 20) ? $0 : nil }
    }

    private func number(_ path: String) -> Int64? {
        text(path).flatMap { Int64($0.prefix { !$0.isNewline }) }
    }

    private func field(_ name: String, inFile path: String) -> Int64? {
        text(path).flatMap { Self.field(name, in: $0) }
    }

    /// A number in a text of lines of `<name> <number>`.
    static func field(_ name: String, in text: String) -> Int64? {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            return words.count == 2 && words[0] == name ? Int64(words[1]) : nil
        }.first
    }

    private func text(_ path: String) -> String? {
        (try? Descriptor(opening: path, flags: O_RDONLY).readAll(limit: 64 << 10)).map {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
