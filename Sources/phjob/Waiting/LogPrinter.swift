/// Shows a log: as it is to a file or a pipe, made safe to a terminal.
struct LogPrinter {
    private let output: TextOutput
    private var filter: LogFilter?

    /// - Parameter isRaw: whether a terminal gets everything as it is, too.
    init(_ output: TextOutput, isRaw: Bool) {
        self.output = output
        filter = output.terminal != nil && !isRaw ? LogFilter() : nil
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard let safe = filter?.filter(bytes) else { return try output.write(bytes) }
        try output.write(safe)
    }

    mutating func finish() throws {
        guard let rest = filter?.finish(), !rest.isEmpty else { return }
        try output.write(rest)
    }
}
