import Glibc

/// What proc(5) tells of other processes, as far as their owners cannot choose it.
package enum ProcessTable {
    /// Clock ticks between the boot and the start of `pid`, which tell it from a later process of the same number.
    ///
    /// - Returns: nil if there is no such process, or only what is left of one that nobody has waited for.
    package static func startTicks(of pid: Int32) -> UInt64? { stat(of: pid)?.startTicks }

    /// The numbers of all processes.
    package static var numbers: [Int32] {
        guard let directory = try? Descriptor(opening: "/proc", flags: O_RDONLY | O_DIRECTORY),
            let names = try? Directory.names(in: directory)
        else { return [] }
        return names.compactMap { pid_t($0) }
    }

    /// The processes that `pid` has started, or taken over, and that have not ended.
    package static func children(of pid: Int32) -> [ProcessEntry] {
        numbers.filter { stat(of: $0)?.parent == pid }.compactMap { entry(of: $0) }.filter { $0.parent == pid }
    }

    /// The number of the process that started `pid`, or took it over; `nil` if `pid` has ended.
    package static func parent(of pid: Int32) -> Int32? { stat(of: pid)?.parent }

    /// - Returns: nil if there is no such process, or only what is left of one that nobody has waited for.
    package static func entry(of pid: Int32) -> ProcessEntry? {
        guard let stat = stat(of: pid), let status = read("/proc/\(pid)/status", limit: 64 << 10) else { return nil }
        return ProcessEntry(
            pid: pid, startTicks: stat.startTicks, parent: stat.parent, status: String(decoding: status, as: UTF8.self))
    }

    /// A process and those that it descends from, nearest first, each with its start; empty if it has ended.
    package static func lineage(of pid: Int32) -> [(pid: Int32, startTicks: UInt64)] {
        var lineage: [(pid: pid_t, startTicks: UInt64)] = []
        var next = pid
        // Numbers are used again, so that one that is read while others end could lead back to where it began.
        while !lineage.contains(where: { $0.pid == next }), let found = stat(of: next) {
            lineage.append((next, found.startTicks))
            next = found.parent
        }
        return lineage
    }

    /// Whether `pid` is a process that proc(5) does not show us, as with its mount option `hidepid`.
    package static func isHidden(_ pid: Int32) -> Bool {
        pid > 0 && kill(pid, 0) != 0 && errno == EPERM && access("/proc/\(pid)", F_OK) != 0
    }

    /// A process and all that descend from it, parents first; of those that come and go meanwhile some may be missing.
    ///
    /// By `/proc/<pid>/task/<tid>/children` (proc_tid_children(5)), which costs as much as there are descendants, not
    /// as there are processes.
    package static func descendants(of root: Int32) -> [Int32] {
        var all = [root]
        var known: Set<pid_t> = [root]
        var next = 0
        while next < all.count {
            let tasks = "/proc/\(all[next])/task"
            next += 1
            guard let directory = try? Descriptor(opening: tasks, flags: O_RDONLY | O_DIRECTORY),
                let threads = try? Directory.names(in: directory)
            else { continue }
            for thread in threads {
                let text = read("\(tasks)/\(thread)/children", limit: 1 << 20) ?? []
                let children = String(decoding: text, as: UTF8.self).split(separator: " ").compactMap { pid_t($0) }
                all += children.filter { known.insert($0).inserted }
            }
        }
        return all
    }

    private static func stat(of pid: pid_t) -> (parent: pid_t, startTicks: UInt64)? {
        guard pid > 0, let bytes = read("/proc/\(pid)/stat", limit: 8192) else { return nil }
        // The second field is a name in parentheses that may hold anything; the fields after it are numbers (proc(5)).
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X", let parent = pid_t(fields[1]),
            let ticks = UInt64(fields[19])
        else { return nil }
        return (parent, ticks)
    }

    private static func read(_ path: String, limit: Int) -> [UInt8]? {
        try? Descriptor(opening: path, flags: O_RDONLY).readAll(limit: limit)
    }
}
