import CPhjobLinux
import Glibc

/// What this machine has to give.
package enum Machine {
    /// Processors that this process may run on (sched_getaffinity(2)).
    package static var processors: Int {
        var mask = [UInt8](repeating: 0, count: 1024)
        let used = phjob_sched_getaffinity(&mask, mask.count)
        let count = mask.prefix(max(0, Int(used))).reduce(0) { $0 + $1.nonzeroBitCount }
        return max(1, count)
    }

    /// Bytes of memory (proc(5): `MemTotal` of `/proc/meminfo`).
    package static var memory: Int64 {
        let bytes = try? Descriptor(opening: "/proc/meminfo", flags: O_RDONLY).readAll(limit: 64 << 10)
        let line = String(decoding: bytes ?? [], as: UTF8.self).split(separator: "\n").first {
            $0.hasPrefix("MemTotal:")
        }
        let number = line?.split(separator: " ").dropFirst().first.flatMap { Int64($0) }
        return (number ?? 0) * 1024
    }

    /// NVIDIA GPUs, counted by their device files `/dev/nvidia<index>`.
    package static var gpus: Int {
        var count = 0
        while access("/dev/nvidia\(count)", F_OK) == 0 { count += 1 }
        return count
    }

    /// The kind of its processors (uname(2), `machine`), such as `x86_64`.
    package static var architecture: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "" }
        return withUnsafeBytes(of: name.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// The formats of programs that an interpreter is registered for, each as the kernel describes it (Linux kernel,
    /// Documentation/admin-guide/binfmt-misc.rst); none if that is off, or not mounted.
    package static var registeredFormats: [String] {
        let path = "/proc/sys/fs/binfmt_misc"
        let read = { (name: String) -> String? in
            let bytes = try? Descriptor(opening: "\(path)/\(name)", flags: O_RDONLY).readAll(limit: 64 << 10)
            return bytes.map { String(decoding: $0, as: UTF8.self) }
        }
        guard read("status")?.hasPrefix("enabled") == true, let directory = try? Directory.open(path) else { return [] }
        let names = (try? Directory.names(in: directory)) ?? []
        return names.filter { $0 != "status" && $0 != "register" }.compactMap(read)
    }
}
