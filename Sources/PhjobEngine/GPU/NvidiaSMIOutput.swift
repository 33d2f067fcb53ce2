import PhjobCore

/// What `nvidia-smi` prints with `--format=csv,noheader,nounits`: lines of fields with ", " between them.
///
/// Nothing is quoted, so that a product's name may hold a comma; the fields before and after it tell where it ends.
enum NvidiaSMIOutput {
    /// - Parameter text: lines of index, UUID, product name, and MiB of memory.
    /// - Throws: ``NvidiaSMI/Failure`` if a line is neither that nor known words: who cannot be sure gives nothing out.
    static func devices(_ text: String) throws(NvidiaSMI.Failure) -> [GPUReading.Device] {
        var devices: [GPUReading.Device] = []
        for line in lines(text) {
            let fields = fields(line)
            guard fields.count >= 4, let index = Int(fields[0]), index >= 0 else { throw garbled("GPUs", line) }
            if isPartition(fields[1]) { continue }
            guard isUUID(fields[1]) else { throw garbled("GPUs", line) }
            let gpu = GPU(index: index, uuid: String(fields[1]))
            guard !devices.contains(where: { $0.gpu.index == index || $0.gpu.uuid == gpu.uuid }) else {
                throw garbled("GPUs", line)
            }
            // `[N/A]` where the GPU does not tell.
            let memory = Int64(fields[fields.count - 1]).flatMap { (0..<(1 << 40)).contains($0) ? $0 << 20 : nil }
            let name = fields[2..<(fields.count - 1)].joined(separator: ", ")
            devices.append(
                GPUReading.Device(gpu: gpu, name: name, memory: memory.map { MemorySize(bytes: $0) }))
        }
        return devices
    }

    /// - Parameter text: lines of GPU's UUID and pid.
    /// - Throws: ``NvidiaSMI/Failure``, as ``devices(_:)`` does.
    static func processes(_ text: String) throws(NvidiaSMI.Failure) -> [GPUReading.Process] {
        var processes: [GPUReading.Process] = []
        for line in lines(text) {
            let fields = fields(line)
            guard fields.count == 2 else { throw garbled("processes", line) }
            if isPartition(fields[0]) { continue }
            guard isUUID(fields[0]), let pid = Int32(fields[1]), pid > 0 else { throw garbled("processes", line) }
            processes.append(GPUReading.Process(uuid: String(fields[0]), pid: pid))
        }
        return processes
    }

    /// The lines, without the words that it has for "none" and without its warnings.
    private static func lines(_ text: String) -> [Substring] {
        text.split(whereSeparator: \.isNewline).filter { line in
            !["No devices were found", "No running processes found", "WARNING:"].contains { line.hasPrefix($0) }
                && line.contains { !$0.isWhitespace }
        }
    }

    private static func fields(_ line: Substring) -> [Substring] {
        line.split(separator: ",", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
    }

    /// Whether it is part of a GPU (Multi-Instance GPU): phjob gives out whole ones.
    private static func isPartition(_ uuid: Substring) -> Bool { uuid.hasPrefix("MIG-") }

    /// Whether it can stand in an engine's arguments as it is.
    private static func isUUID(_ text: Substring) -> Bool {
        text.hasPrefix("GPU-") && (5...80).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    private static func garbled(_ what: String, _ line: Substring) -> NvidiaSMI.Failure {
        NvidiaSMI.Failure(
            description:
                "nvidia-smi printed no list of \(what), but '\(TerminalText.quoted(String(line)))'")
    }
}
