import Glibc
import PhjobSystem

/// What containers would inherit of this process: its hard limits (getrlimit(2)), which an engine without `CAP_SYS_RESOURCE`
/// cannot raise for a container, and how it is spared when memory runs out.
package struct ProcessLimits: Sendable, Equatable {
    /// nil is unlimited.
    package var openFiles: UInt64?
    package var processes: UInt64?
    /// How much more than others this process is to be killed when memory runs out, from -1000 to 1000 (proc(5),
    /// `oom_score_adj`).
    package var oomScoreAdjustment: Int

    package init(openFiles: UInt64?, processes: UInt64?, oomScoreAdjustment: Int = 0) {
        self.openFiles = openFiles
        self.processes = processes
        self.oomScoreAdjustment = oomScoreAdjustment
    }

    package static var current: ProcessLimits {
        ProcessLimits(
            openFiles: hardLimit(RLIMIT_NOFILE), processes: lower(hardLimit(.processes), pidMaximum),
            oomScoreAdjustment: number(in: "/proc/self/oom_score_adj") ?? 0)
    }

    /// podman lowers its own limit of processes to this number, and a container's cannot be above that of its starter.
    private static var pidMaximum: UInt64? {
        number(in: "/proc/sys/kernel/pid_max").flatMap { UInt64(exactly: $0) }
    }

    private static func number(in path: String) -> Int? {
        let bytes = try? Descriptor(opening: path, flags: O_RDONLY).readAll(limit: 64)
        return bytes.flatMap { Int(String(decoding: $0, as: UTF8.self).prefix { !$0.isNewline }) }
    }

    private static func lower(_ left: UInt64?, _ right: UInt64?) -> UInt64? {
        [left, right].compactMap(\.self).min()
    }

    private static func hardLimit(_ resource: __rlimit_resource) -> UInt64? {
        var limit = rlimit()
        guard getrlimit(Int32(resource.rawValue), &limit) == 0, limit.rlim_max != rlim_t.max else { return nil }
        return UInt64(limit.rlim_max)
    }
}

extension __rlimit_resource {
    /// `RLIMIT_NPROC`, whose name Swift does not see; its number is that of asm-generic/resource.h.
    fileprivate static let processes = __rlimit_resource(rawValue: 6)
}
