/// A signal by number and name, as signal(7) lists them for Linux on x86 and ARM.
package struct Signal: Sendable, Hashable {
    package let number: Int32
    package let name: String

    private static let names: [Int32: String] = [
        1: "HUP", 2: "INT", 3: "QUIT", 4: "ILL", 5: "TRAP", 6: "ABRT", 7: "BUS", 8: "FPE", 9: "KILL", 10: "USR1",
        11: "SEGV",
        12: "USR2", 13: "PIPE", 14: "ALRM", 15: "TERM", 16: "STKFLT", 17: "CHLD", 18: "CONT", 19: "STOP", 20: "TSTP",
        21: "TTIN", 22: "TTOU", 23: "URG", 24: "XCPU", 25: "XFSZ", 26: "VTALRM", 27: "PROF", 28: "WINCH", 29: "IO",
        30: "PWR",
        31: "SYS",
    ]

    /// Nil unless `number` is a standard signal.
    package init?(number: Int32) {
        guard let name = Self.names[number] else { return nil }
        self.number = number
        self.name = "SIG" + name
    }

    private init(known number: Int32, _ name: String) {
        self.number = number
        self.name = name
    }

    package static let kill = Signal(known: 9, "SIGKILL")
    package static let terminate = Signal(known: 15, "SIGTERM")

    /// The exit code by which shells and init processes report an end by this signal.
    package var exitCode: Int32 { 128 + number }

    /// The signal that an exit code stands for, nil for an ordinary code.
    package static func ofExitCode(_ code: Int32) -> Signal? {
        code > 128 ? Signal(number: code - 128) : nil
    }
}
