/// Reads the members of a JSON object and collects everything that is wrong, each problem with its place.
///
/// A decoder stops at the first problem; a person who corrects a file wants all of them.
package struct JSONReader {
    /// One thing that is wrong.
    package struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        /// Where: `groups[2].volume`; empty for the whole.
        package let place: String
        package let message: String

        package init(place: String, message: String) {
            self.place = place
            self.message = message
        }

        package var description: String { place.isEmpty ? message : "\(place): \(message)" }
    }

    /// The problems found so far by all readers of one file. Nobody reads a thousand of them, nor one of a mebibyte.
    package final class Problems {
        private static let limit = 100
        private static let longestMessage = 1000

        private var first: [Problem] = []
        private var count = 0

        package init() {}

        package var all: [Problem] {
            let rest = count - first.count
            return rest == 0 ? first : first + [Problem(place: "", message: "and \(rest) more")]
        }

        package func add(_ place: String, _ message: String) {
            count += 1
            guard first.count < Self.limit else { return }
            first.append(Problem(place: place, message: TerminalText.shortened(message, to: Self.longestMessage)))
        }
    }

    package let place: String
    package let problems: Problems
    private let members: [String: JSONValue]

    /// A reader of `value`, which must be an object with no other members than `allowed`.
    package init(_ value: JSONValue, place: String, allowed: [String], problems: Problems) {
        self.place = place
        self.problems = problems
        guard case .object(let members) = value else {
            problems.add(place, "must be an object, not \(value.kind)")
            self.members = [:]
            return
        }
        self.members = members
        let unknown = members.keys.sorted().filter { !allowed.contains($0) }
        let known = "known here; known are \(allowed.joined(separator: ", "))"
        if unknown.count == 1, let key = unknown.first {
            problems.add(self.place(of: key), "is not \(known)")
        } else if !unknown.isEmpty {
            // One line for all: each would repeat what is known.
            let shown = unknown.prefix(20).map { "'\(Self.shown($0))'" }.joined(separator: ", ")
            let more = unknown.count > 20 ? " and \(unknown.count - 20) more" : ""
            problems.add(place, "\(shown)\(more) are not \(known)")
        }
    }

    package func place(of key: String) -> String {
        let key = Self.shown(key)
        return place.isEmpty ? key : "\(place).\(key)"
    }

    private static func shown(_ key: String) -> String { TerminalText.quoted(key) }

    package func has(_ key: String) -> Bool {
        members[key] != nil && members[key] != .null
    }

    /// The member as it is, for one that may have several kinds.
    package func member(_ key: String) -> JSONValue? { members[key] }

    package func string(_ key: String) -> String? {
        read(key, as: "a string") { if case .string(let value) = $0 { value } else { nil } }
    }

    package func bool(_ key: String) -> Bool? {
        read(key, as: "true or false") { if case .bool(let value) = $0 { value } else { nil } }
    }

    /// A whole number within `range`.
    package func integer(_ key: String, in range: ClosedRange<Int64>) -> Int64? {
        if case .number? = members[key] {
            problems.add(
                place(of: key), "must be a whole number between \(range.lowerBound) and \(range.upperBound)")
            return nil
        }
        let value: Int64? = read(key, as: "a whole number") { if case .integer(let value) = $0 { value } else { nil } }
        guard let value else { return nil }
        guard range.contains(value) else {
            let bound = value < range.lowerBound ? "at least \(range.lowerBound)" : "at most \(range.upperBound)"
            problems.add(place(of: key), "is \(value); it must be \(bound)")
            return nil
        }
        return value
    }

    package func number(_ key: String) -> Double? {
        read(key, as: "a number") {
            switch $0 {
            case .integer(let value): Double(value)
            case .number(let value): value
            default: nil
            }
        }
    }

    /// A value of a type that has its own text form.
    package func value<Value>(_ key: String, _ parse: (String) throws(InvalidValue) -> Value) -> Value? {
        guard let text = string(key) else { return nil }
        do {
            return try parse(text)
        } catch {
            problems.add(place(of: key), error.message)
            return nil
        }
    }

    /// One of the raw values of an enumeration.
    package func choice<Value: RawRepresentable<String> & CaseIterable>(_ key: String, _ type: Value.Type) -> Value? {
        value(key) { text throws(InvalidValue) in
            guard let value = Value(rawValue: text) else {
                let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
                throw InvalidValue("'\(TerminalText.quoted(text))' is not one of \(known)")
            }
            return value
        }
    }

    package func strings(_ key: String) -> [String]? {
        guard has(key) else { return nil }
        return list(key).compactMap { item in
            guard case .string(let text) = item.value else {
                problems.add(item.place, "must be a string, not \(item.value.kind)")
                return nil
            }
            return text
        }
    }

    /// The members of an object whose values are all strings.
    package func dictionary(_ key: String) -> [String: String]? {
        let object: [String: JSONValue]? = read(key, as: "an object") {
            if case .object(let value) = $0 { value } else { nil }
        }
        guard let object else { return nil }
        var result: [String: String] = [:]
        for (name, value) in object.sorted(by: { $0.key < $1.key }) {
            guard case .string(let text) = value else {
                problems.add("\(place(of: key)).\(Self.shown(name))", "must be a string, not \(value.kind)")
                continue
            }
            result[name] = text
        }
        return result
    }

    /// The members of a list with their places; none if the list is missing.
    package func list(_ key: String) -> [(place: String, value: JSONValue)] {
        let values: [JSONValue]? = read(key, as: "a list") { if case .array(let value) = $0 { value } else { nil } }
        return (values ?? []).enumerated().map { ("\(place(of: key))[\($0.offset)]", $0.element) }
    }

    /// A reader of the object at `key`, or of an empty one if it is missing.
    package func object(_ key: String, allowed: [String]) -> JSONReader {
        JSONReader(
            has(key) ? members[key] ?? .null : .object([:]), place: place(of: key), allowed: allowed, problems: problems
        )
    }

    private func read<Value>(_ key: String, as wanted: String, _ convert: (JSONValue) -> Value?) -> Value? {
        guard has(key), let member = members[key] else { return nil }
        guard let value = convert(member) else {
            problems.add(place(of: key), "must be \(wanted), not \(member.kind)")
            return nil
        }
        return value
    }
}
