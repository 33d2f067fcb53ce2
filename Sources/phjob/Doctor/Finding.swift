import PhjobCore

/// What `phjob doctor` found where it looked.
struct Finding: Sendable, Equatable, Codable {
    enum State: String, Sendable, Codable {
        case ok
        /// Jobs run, but something is not as it should be.
        case warning
        case failed
    }

    /// What was looked at.
    var check: String
    var state: State
    var message: String
    /// What to do about it.
    var advice: String?

    static func ok(_ check: String, _ message: String) -> Finding {
        Finding(check: check, state: .ok, message: message)
    }

    static func warning(_ check: String, _ message: String, advice: String) -> Finding {
        Finding(check: check, state: .warning, message: message, advice: advice)
    }

    static func failed(_ check: String, _ message: String, advice: String) -> Finding {
        Finding(check: check, state: .failed, message: message, advice: advice)
    }

    /// The finding as lines for a person.
    func text(_ palette: Palette) -> String {
        let style: Palette.Style =
            switch state {
            case .ok: .good
            case .warning: .warning
            case .failed: .bad
            }
        let word = palette.paint(state.rawValue, style) + String(repeating: " ", count: 9 - state.rawValue.count)
        let lines = TerminalText.escaped(message, keepingNewlines: true).split(separator: "\n").map(String.init)
        let name = check + String(repeating: " ", count: max(1, 12 - check.count))
        let rest = lines.dropFirst() + (advice.map { ["→ \($0)"] } ?? [])
        let indentation = String(repeating: " ", count: 21)
        return "\(word)\(name)\(lines.first ?? "")\n" + rest.map { "\(indentation)\($0)\n" }.joined()
    }
}
