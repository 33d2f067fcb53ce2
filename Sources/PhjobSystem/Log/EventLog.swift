import Glibc
import Synchronization

/// Lines for whoever looks after the runner: one event a line on stderr, as `time level event key=value …`.
///
/// Whoever logs never waits for who reads: lines are written at once while they are taken, and handed to a thread when
/// they are not.
package final class EventLog: Sendable {
    /// Who has to act on an event.
    package enum Level: String, Sendable {
        /// Nobody: something went on as it should.
        case info
        /// Nobody yet: something is not as it should be, and phjob goes on.
        case warning
        /// The one who looks after the machine.
        case error
    }

    private let output: LineOutput

    package init(descriptor: Int32 = STDERR_FILENO) {
        output = LineOutput(descriptor: descriptor)
    }

    /// Waits until everything is written, at most `seconds`.
    package func flush(within seconds: Double) { output.flush(within: seconds) }

    package func info(_ event: String, _ fields: KeyValuePairs<String, String> = [:]) { log(.info, event, fields) }
    package func warning(_ event: String, _ fields: KeyValuePairs<String, String> = [:]) {
        log(.warning, event, fields)
    }
    package func error(_ event: String, _ fields: KeyValuePairs<String, String> = [:]) { log(.error, event, fields) }

    private func log(_ level: Level, _ event: String, _ fields: KeyValuePairs<String, String>) {
        output.write(Self.line(level, event, fields)) { count in
            Self.line(.warning, "log-lines-dropped", ["count": "\(count)"])
        }
    }

    private static func line(_ level: Level, _ event: String, _ fields: KeyValuePairs<String, String>) -> String {
        let values = fields.map { " \($0.key)=\(quoted($0.value))" }
        return "\(timestamp()) \(level.rawValue) \(event)\(values.joined())\n"
    }

    /// A value without spaces and controls as it is, any other as a JSON string: one event stays one line.
    private static func quoted(_ value: String) -> String {
        let plain = value.unicodeScalars.allSatisfy { (0x21..<0x7f).contains($0.value) && $0 != "\"" && $0 != "=" }
        if plain, !value.isEmpty { return value }
        var result = "\""
        for scalar in value.unicodeScalars {
            switch scalar.value {
            case 0x22, 0x5c: result += "\\\(scalar)"
            case 0x0a: result += "\\n"
            // Controls, line separators, and what changes the direction of the text around it.
            case 0..<0x20, 0x7f..<0xa0, 0x061c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069, 0xfeff:
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        let length = strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%S", &parts)
        let milliseconds = now.tv_nsec / 1_000_000
        let digits = String(milliseconds + 1000).dropFirst()
        return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self) + ".\(digits)Z"
    }
}
