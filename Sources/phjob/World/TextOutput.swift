/// Standard output or standard error: bytes, and what is known of a terminal behind it.
struct TextOutput: Sendable {
    private let sink: any ByteSink
    private let facts: @Sendable () -> TerminalFacts?
    /// When it becomes readable, writing is given up with `APIClient.Interrupted`.
    var interrupt: Int32?

    init(_ sink: any ByteSink, terminal facts: @escaping @Sendable () -> TerminalFacts? = { nil }) {
        self.sink = sink
        self.facts = facts
    }

    /// Asked anew each time, as windows change their size; nil if it is no terminal.
    var terminal: TerminalFacts? { facts() }

    var palette: Palette { Palette(isOn: terminal?.hasColor ?? false) }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        try sink.write(bytes, interrupt: interrupt)
    }

    func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
    }

    func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }
}
