import PhjobArguments
import PhjobCore

extension TimeSpan: ArgumentValue {
    package init(argument: String) throws { self = try TimeSpan(parsing: argument) }

    package var argumentText: String { short.filter { $0 != " " } }
    package static var valueName: String { "duration" }
}

/// A phase as people type it: in lower case, or as it is shown.
struct StatusArgument: ArgumentValue, Equatable {
    let phase: JobPhase

    init(argument: String) throws {
        guard let phase = JobPhase.allCases.first(where: { $0.rawValue.lowercased() == argument.lowercased() }) else {
            throw ValueError("must be one of \(Self.validValues.joined(separator: ", "))")
        }
        self.phase = phase
    }

    var argumentText: String { phase.rawValue.lowercased() }
    static var valueName: String { "status" }
    static var validValues: [String] { JobPhase.allCases.map { $0.rawValue.lowercased() } }
}

/// A moment in the past: so long ago, or a time.
enum SinceArgument: ArgumentValue, Equatable {
    case ago(TimeSpan)
    case at(Timestamp)

    init(argument: String) throws {
        if let time = Timestamp(argument) ?? Timestamp("\(argument)T00:00:00Z") {
            self = .at(time)
        } else if let span = try? TimeSpan(parsing: argument) {
            self = .ago(span)
        } else {
            throw ValueError(
                "write how long ago, as in 90s, 1h or 2d, or a time, as in 2026-11-21 or 2026-11-21T08:00:00Z")
        }
    }

    func time(now: Timestamp) -> Timestamp {
        switch self {
        case .ago(let span): now.adding(seconds: -span.seconds)
        case .at(let time): time
        }
    }

    var argumentText: String {
        switch self {
        case .ago(let span): span.argumentText
        case .at(let time): time.description
        }
    }

    static var valueName: String { "time" }
}

/// `NAME=VALUE`, or `NAME` for the variable of that name here.
struct EnvironmentSetting: ArgumentValue, Equatable {
    let name: String
    /// Nil stands for the value that the variable has here.
    let value: String?

    init(argument: String) throws {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        name = String(parts[0])
        value = parts.count > 1 ? String(parts[1]) : nil
        guard Name.isEnvironmentName(name) else {
            throw ValueError("a variable's name has letters, digits and '_' only, and does not begin with a digit")
        }
    }

    var argumentText: String { value.map { "\(name)=\($0)" } ?? name }
    static var valueName: String { "NAME[=VALUE]" }
}
