import PhjobCore

/// Properties that several layers have in common.
enum Check {
    /// What reaches a person must not reach their terminal as a command, nor fill it. Told by Unicode's own properties.
    static func isPlain(_ text: String, _ what: String, most: Int = 200_000) throws(Violation) {
        let bad = text.unicodeScalars.first { scalar in
            let properties = scalar.properties
            return switch properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: scalar != "\n" && scalar != "\t"
            default: properties.isBidiControl
            }
        }
        if let bad {
            throw Violation("\(what) has U+\(String(bad.value, radix: 16)) in it: \(TerminalText.escaped(text))")
        }
        guard text.utf8.count <= most else { throw Violation("\(what) has \(text.utf8.count) bytes") }
    }

    static func equal<Value: Equatable>(_ left: Value, _ right: Value, _ what: String) throws(Violation) {
        guard left != right else { return }
        throw Violation("\(what): \(shown(left)) is not \(shown(right))")
    }

    static func isTrue(_ condition: Bool, _ what: @autoclosure () -> String) throws(Violation) {
        guard condition else { throw Violation(TerminalText.escaped(what())) }
    }

    /// What must not fail.
    static func succeeds<Value>(_ what: String, _ body: () throws -> Value) throws(Violation) -> Value {
        do {
            return try body()
        } catch {
            throw Violation("\(what) fails: \(TerminalText.escaped("\(error)"))")
        }
    }

    private static func shown(_ value: some Any) -> String { TerminalText.escaped(String("\(value)".prefix(800))) }
}
