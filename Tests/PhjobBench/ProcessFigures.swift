import Glibc
import PhjobSystem

/// What proc(5) tells of a process.
struct ProcessFigures {
    let pid: pid_t

    /// Resident memory in MB of 10^6 bytes, as ps(1) counts it.
    func residentMegabytes() throws -> Double { try megabytes("VmRSS", in: "status") }

    /// The part of it that the process would give back by ending.
    func privateMegabytes() throws -> Double {
        try megabytes("Private_Clean", in: "smaps_rollup") + megabytes("Private_Dirty", in: "smaps_rollup")
    }

    /// The part of it that is this process's share, where others map the same pages.
    func proportionalMegabytes() throws -> Double { try megabytes("Pss", in: "smaps_rollup") }

    func threadCount() throws -> Int { try threads().count }

    /// How often its threads have gone to sleep and so been woken, by the thread.
    func switches() throws -> [String: Int] {
        var result: [String: Int] = [:]
        for thread in try threads() {
            // It may have ended meanwhile.
            result[thread] = try? Int(number("voluntary_ctxt_switches", in: "task/\(thread)/status"))
        }
        return result
    }

    private func threads() throws -> [String] { try Directory.names(in: Directory.open("/proc/\(pid)/task")) }

    private func megabytes(_ name: String, in file: String) throws -> Double {
        try number(name, in: file) * 1024 / 1e6
    }

    private func number(_ name: String, in file: String) throws -> Double {
        let bytes = try Descriptor(opening: "/proc/\(pid)/\(file)", flags: O_RDONLY).readAll(limit: 1 << 20)
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") where line.hasPrefix("\(name):") {
            let words = line.dropFirst(name.count + 1).split(whereSeparator: \.isWhitespace)
            if let first = words.first, let number = Double(first) { return number }
        }
        throw Problem("/proc/\(pid)/\(file) has no \(name)")
    }
}
