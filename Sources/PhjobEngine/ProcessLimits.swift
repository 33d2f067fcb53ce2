import Glibc
import PhjobSystem

/// The hard limits of this process (getrlimit(2)), which an engine without `CAP_SYS_RESOURCE` cannot raise for a container.
package struct ProcessLimits: Sendable, Equatable {
    /// nil is unlimited.
    package var openFiles: UInt64?
    package var processes: UInt64?

    package init(openFiles: UInt64?, processes: UInt64?) {
        self.openFiles = openFiles
        self.processes = processes
    }

    package static var current: ProcessLimits {
        ProcessLimits(openFiles: hardLimit(RLIMIT_NOFILE), processes: lower(hardLimit(.processes), pidMaximum))
    }

    /// podman lowers its own limit of processes to this number, and a container's cannot be above that of its starter.
    private static var pidMaximum: UInt64? {
        let bytes = try? Descriptor(opening: "/proc/sys/kernel/pid_max", flags: O_RDONLY).readAll(limit: 64)
        return bytes.flatMap { UInt64(String(decoding: $0, as: UTF8.self).prefix { $0.isNumber }) }
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
