import Glibc

/// The kernel's log, as far as it is still kept (`/dev/kmsg`, in the kernel's documentation ABI/testing/dev-kmsg).
package enum KernelLog {
    /// Whether it tells that a process was killed because a control group had used up its memory.
    ///
    /// - Parameter name: what only the path of that group holds.
    /// - Returns: nil if we may not read it.
    package static func tellsOfOutOfMemory(inGroup name: String) -> Bool? {
        guard let log = try? Descriptor(opening: "/dev/kmsg", flags: O_RDONLY | O_NONBLOCK) else { return nil }
        // One record with each read(2); longer ones are refused.
        var record = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = read(log.number, &record, record.count)
            if count > 0 {
                if isOutOfMemory(String(decoding: record[..<count], as: UTF8.self), inGroup: name) { return true }
            } else if count == 0 || ![EPIPE, EINTR, EINVAL].contains(errno) {
                // EPIPE: records were overwritten in the meantime; the next read goes on behind them.
                return false
            }
        }
    }

    /// The line is that of `dump_oom_summary` in the kernel's mm/oom_kill.c, since Linux 5.0.
    static func isOutOfMemory(_ record: String, inGroup name: String) -> Bool {
        // Records that a process wrote there have a facility beside the level: a number from 8 on.
        guard let priority = Int(record.prefix { $0 != "," }), priority < 8,
            let range = record.firstRange(of: "oom-kill:constraint=CONSTRAINT_MEMCG,")
        else { return false }
        let fields = record[range.upperBound...].split(separator: ",")
        return fields.contains { $0.hasPrefix("oom_memcg=") && $0.contains(name) }
    }
}
