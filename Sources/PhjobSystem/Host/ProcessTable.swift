package import Glibc

/// What proc(5) tells of other processes.
package enum ProcessTable {
    /// Clock ticks between the boot and the start of `pid`, which tell it from a later process of the same number.
    ///
    /// - Returns: nil if there is no such process, or only what is left of one that nobody has waited for.
    package static func startTicks(of pid: pid_t) -> UInt64? {
        guard pid > 0, let bytes = try? Descriptor(opening: "/proc/\(pid)/stat", flags: O_RDONLY).readAll(limit: 8192)
        else {
            return nil
        }
        // The second field is a name in parentheses that may hold anything; the fields after it are numbers (proc(5)).
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return UInt64(fields[19])
    }

    /// Whether some process has `argument` as one of its arguments, such as an engine's client that names a container.
    package static func hasProcess(withArgument argument: String) -> Bool {
        guard let directory = try? Descriptor(opening: "/proc", flags: O_RDONLY | O_DIRECTORY),
            let names = try? Directory.names(in: directory)
        else { return false }
        let wanted = Array(argument.utf8)
        return names.contains { name in
            guard name.utf8.first.map({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) == true,
                let line = try? Descriptor(opening: "/proc/\(name)/cmdline", flags: O_RDONLY).readAll(limit: 1 << 20)
            else { return false }
            return line.split(separator: 0).contains { $0.elementsEqual(wanted) }
        }
    }
}
