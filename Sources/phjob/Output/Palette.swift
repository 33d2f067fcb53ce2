import PhjobCore

/// Colours, if the terminal has them. No information is in a colour alone.
struct Palette: Sendable {
    let isOn: Bool

    enum Style: String, Sendable {
        case plain = "0"
        case faint = "2"
        case bad = "31"
        case good = "32"
        case warning = "33"
        case active = "36"
    }

    func paint(_ text: String, _ style: Style) -> String {
        isOn && style != .plain && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    static func style(of phase: JobPhase) -> Style {
        switch phase {
        case .pending: .faint
        case .preparing, .running: .active
        case .succeeded: .good
        case .failed: .bad
        case .cancelled, .unknown: .warning
        }
    }
}
