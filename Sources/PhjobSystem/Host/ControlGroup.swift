package import Glibc

/// What the kernel counted for the processes of a container (cgroups(7)); read while the control group still exists.
package struct ControlGroup: Sendable, Equatable {
    let memoryDirectory: String?
    private let cpuDirectory: String?

    /// The control groups of `pid`, which must not have ended yet.
    package init?(of pid: pid_t) {
        guard let bytes = try? Descriptor(opening: "/proc/\(pid)/cgroup", flags: O_RDONLY).readAll(limit: 64 << 10)
        else {
            return nil
        }
        self.init(listing: String(decoding: bytes, as: UTF8.self), root: "/sys/fs/cgroup")
    }

    /// - Parameters:
    ///   - listing: the text of `/proc/<pid>/cgroup`: lines of `<hierarchy>:<controllers>:<path>`.
    ///   - root: where the hierarchies are mounted.
    package init(listing: String, root: String) {
        var memory: String?
        var cpu: String?
        var unified: String?
        for line in listing.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, fields[2] != "/" else { continue }
            let controllers = fields[1].split(separator: ",")
            if fields[0] == "0", fields[1].isEmpty { unified = root + fields[2] }
            if controllers.contains("memory") { memory = "\(root)/memory\(fields[2])" }
            if controllers.contains("cpuacct") { cpu = "\(root)/\(fields[1])\(fields[2])" }
        }
        memoryDirectory = memory ?? unified
        cpuDirectory = cpu ?? unified
    }

    /// The most memory in use at once, in bytes.
    package var peakMemory: Int64? {
        memoryDirectory.flatMap { number("\($0)/memory.peak") ?? number("\($0)/memory.max_usage_in_bytes") }
    }

    /// Processor time used, in seconds.
    package var cpuSeconds: Double? {
        guard let cpuDirectory else { return nil }
        if let microseconds = field("usage_usec", inFile: "\(cpuDirectory)/cpu.stat") {
            return Double(microseconds) / 1e6
        }
        return number("\(cpuDirectory)/cpuacct.usage").map { Double($0) / 1e9 }
    }

    /// How many processes were killed for want of memory.
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
