import PhjobCore

/// What the command line asks for.
struct FuzzOptions: Sendable, Equatable {
    var inputs = 1_000_000
    /// All that is random comes from it.
    var seed = UInt64.random(in: 0...999_999)
    /// Seconds after which no further input is taken; nil for never.
    var seconds: Int64?
    /// The layers to try, by name; empty for all but those that are made to fail.
    var layers: [String] = []
    /// The number of the one input to take, in this process.
    var only: Int?
    /// Set in the processes that take inputs.
    var worker: WorkerPlace?

    /// Why a command line cannot be followed.
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    init(_ arguments: [String] = []) throws(Problem) {
        var rest = arguments[...]
        while let option = rest.popFirst() {
            switch option {
            case "--inputs": inputs = try Self.value(of: option, &rest) { Int($0).flatMap { $0 > 0 ? $0 : nil } }
            case "--seed": seed = try Self.value(of: option, &rest) { UInt64($0) }
            case "--time": seconds = try Self.value(of: option, &rest) { try? TimeSpan(parsing: $0).seconds }
            case "--layer":
                layers.append(try Self.value(of: option, &rest) { AllLayers.named($0) == nil ? nil : $0 })
            case "--only": only = try Self.value(of: option, &rest) { Int($0).flatMap { $0 >= 0 ? $0 : nil } }
            case "--worker": worker = try Self.value(of: option, &rest) { WorkerPlace($0) }
            default: throw Problem(description: "there is no option '\(option)'; scripts/fuzz --help shows all")
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

    /// The arguments that lead to the same inputs.
    var arguments: [String] {
        ["--inputs", "\(inputs)", "--seed", "\(seed)"] + layers.flatMap { ["--layer", $0] }
            + (seconds.map { ["--time", "\($0)s"] } ?? [])
    }

    /// Draws the layer of an input, by its place in ``chosen``.
    func layer(_ random: inout Randomness) -> Int { random.number(0...chosen.count - 1) }

    /// The layers that inputs go to.
    var chosen: [any FuzzLayer.Type] {
        layers.isEmpty ? AllLayers.regular : layers.compactMap { AllLayers.named($0) }
    }
}
