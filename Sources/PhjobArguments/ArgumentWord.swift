/// What a source says about an argument.
enum ArgumentWord {
    /// The flag was given.
    case on
    /// The flag's inverse was given.
    case off
    case value(String)

    /// The value's text; empty for a flag, which has none.
    var text: String {
        if case .value(let text) = self { text } else { "" }
    }

    /// What a flag is set to; a text can only come from an environment variable.
    func isOn() throws(ValueError) -> Bool {
        switch self {
        case .on: return true
        case .off: return false
        case .value(let text):
            switch text.lowercased() {
            case "1", "true", "yes", "on": return true
            case "0", "false", "no", "off": return false
            default: throw ValueError("must be one of '1', 'true', 'yes', 'on', '0', 'false', 'no', 'off'")
            }
        }
    }
}
