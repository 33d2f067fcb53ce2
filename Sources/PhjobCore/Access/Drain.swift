/// That an administrator wants no job started for now. Jobs that run go on, and new ones are taken.
package struct Drain: Sendable, Equatable, Codable {
    package var reason: String
    package var userName: String
    package var time: Timestamp

    package init(reason: String, userName: String, time: Timestamp) {
        self.reason = reason
        self.userName = userName
        self.time = time
    }

    /// What everybody is told.
    package var message: String { "no job is started until \(userName) or another administrator says so: \(reason)" }

    /// What is wrong with a reason; nil if it will do.
    package static func problem(inReason text: String) -> String? {
        if text.unicodeScalars.allSatisfy(\.properties.isWhitespace) { return "the reason is empty" }
        if text.unicodeScalars.count > 500 { return "the reason has more than 500 characters" }
        if text.unicodeScalars.contains(where: { !TerminalText.isPlain($0) }) {
            return "the reason has a control character"
        }
        return nil
    }
}
