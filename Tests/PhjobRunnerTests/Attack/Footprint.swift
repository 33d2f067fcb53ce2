import Glibc
import PhjobSystem

/// What a process holds.
struct Footprint: CustomStringConvertible {
    let descriptors: Int
    let threads: Int
    /// Bytes in memory.
    let memory: Int

    init(of pid: pid_t) throws {
        descriptors = try Directory.names(in: Directory.open("/proc/\(pid)/fd")).count
        let bytes = try Descriptor(opening: "/proc/\(pid)/status", flags: O_RDONLY).readAll(limit: 64 << 10)
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        func number(_ name: String) -> Int {
            let line = lines.first { $0.hasPrefix("\(name):") }
            return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
        }
        threads = number("Threads")
        memory = number("VmRSS") << 10
    }

    /// Whether no more is held than at another time, but for what comes and goes, and for memory that is kept for the next time.
    func isBack(to before: Footprint) -> Bool {
        descriptors <= before.descriptors + 8 && threads <= before.threads + 8 && memory <= before.memory + 64 << 20
    }

    var description: String { "\(descriptors) descriptors, \(threads) threads, \(memory >> 20) MiB" }
}
