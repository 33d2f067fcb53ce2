/// Why a program gave no result.
package enum ProcessError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The program could not be started.
    case cannotStart(executable: String, why: String)
    /// It did not end within its time and was stopped.
    case timedOut(executable: String, seconds: Double)
    /// It was stopped because nobody waits for it any more.
    case abandoned(executable: String)

    package var description: String {
        switch self {
        case .cannotStart(let executable, let why): "cannot start \(executable): \(why)"
        case .timedOut(let executable, let seconds):
            "\(executable) did not answer within \(Int(seconds.rounded(.up))) s"
        case .abandoned(let executable): "\(executable) was stopped because it is no longer needed"
        }
    }
}
