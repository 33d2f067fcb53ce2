import PhjobCore
import PhjobTestSupport

/// What the command line asks for.
struct TortureOptions: Sendable, Equatable {
    var engine = LiveEngine.podman
    var rounds = 50
    /// All that is random comes from it.
    var seed = UInt64.random(in: 0...999_999)
    /// Seconds after which no further round begins; nil for never.
    var limit: Int64?
    /// Whether some runners are ended by SIGTERM.
    var isOrderly = false
    /// Whether some engine clients are killed too. Then nobody can know of some jobs whether they ran.
    var killsClients = false
    /// How many jobs there should be at once that have not ended.
    var population = 9

    /// Why a command line cannot be followed.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    init(_ arguments: [String] = []) throws(Problem) {
        var rest = arguments[...]
        while let option = rest.popFirst() {
            switch option {
            case "--orderly": isOrderly = true
            case "--kill-clients": killsClients = true
            case "--engine": engine = try Self.value(of: option, &rest) { LiveEngine(rawValue: $0) }
            case "--rounds": rounds = try Self.value(of: option, &rest) { Int($0).flatMap { $0 > 0 ? $0 : nil } }
            case "--seed": seed = try Self.value(of: option, &rest) { UInt64($0) }
            case "--duration-limit":
                limit = try Self.value(of: option, &rest) { try? TimeSpan(parsing: $0).seconds }
            default: throw Problem(description: "there is no option '\(option)'; scripts/torture --help shows all")
            }
        }
    }

    private static func value<Value>(
        of option: String, _ rest: inout ArraySlice<String>, _ parse: (String) -> Value?
    ) throws(Problem) -> Value {
        guard let text = rest.popFirst() else { throw Problem(description: "\(option) needs a value") }
        guard let value = parse(text) else { throw Problem(description: "\(option): '\(text)' is no value for it") }
        return value
    }

    /// The command that does the same once more.
    var command: String {
        var words = ["scripts/torture", "--engine", engine.rawValue, "--rounds", "\(rounds)", "--seed", "\(seed)"]
        if isOrderly { words.append("--orderly") }
        if killsClients { words.append("--kill-clients") }
        return words.joined(separator: " ")
    }
}
