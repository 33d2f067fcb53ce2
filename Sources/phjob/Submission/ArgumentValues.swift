import PhjobAPI
import PhjobArguments
import PhjobCore
import PhjobSystem

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

/// A text to search for, which is not empty: every name has that in it.
struct SearchArgument: ArgumentValue, Equatable {
    let text: String

    init(argument: String) throws {
        if JobFilter.isEmpty(argument) { throw ValueError(JobFilter.emptySearch) }
        text = argument
    }

    var argumentText: String { text }
    static var valueName: String { "text" }
}

/// A moment in the past: so long ago, a time, or a day.
enum SinceArgument: ArgumentValue, Equatable {
    case ago(TimeSpan)
    case at(Timestamp)
    /// The first moment of a day where this program runs.
    case day(String, Timestamp)

    /// How it can be written, for `--help`.
    static let forms = "90s, 1h or 2d ago, 2026-11-21 (its midnight, local time), or 2026-11-21T08:00:00Z"

    init(argument: String) throws {
        if let time = Timestamp(argument) {
            self = .at(time)
        } else if Timestamp("\(argument)T00:00:00Z") != nil, let time = Self.midnight(argument) {
            self = .day(argument, time)
        } else if let span = try? TimeSpan(parsing: argument) {
            self = .ago(span)
        } else {
            throw ValueError(
                "write how long ago, as in 90s, 1h or 2d, a day, as in 2026-11-21, or a time, as in 2026-11-21T08:00:00Z"
            )
        }
    }

    private static func midnight(_ day: String) -> Timestamp? {
        let numbers = day.split(separator: "-").compactMap { Int32($0) }
        guard numbers.count == 3 else { return nil }
        return HostTimeZone.midnight(year: numbers[0], month: numbers[1], day: numbers[2]).map {
            Timestamp(milliseconds: $0 * 1000)
        }
    }

    func time(now: Timestamp) -> Timestamp {
        switch self {
        case .ago(let span): now.adding(seconds: -span.seconds)
        case .at(let time), .day(_, let time): time
        }
    }

    /// What a day stands for, where that depends on this machine.
    var note: String? {
        guard case .day(let day, let time) = self else { return nil }
        return "--since \(day) is its midnight, local time: \(time.description.prefix { $0 != "." })Z"
    }

    var argumentText: String {
        switch self {
        case .ago(let span): span.argumentText
        case .at(let time): time.description
        case .day(let day, _): day
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
