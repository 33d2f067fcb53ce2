/// Any JSON value: for what has no fixed shape, such as keys that a newer phjob wrote, and a file still to be checked.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// What JSON calls this kind of value, with its article, for error messages.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension JSONValue: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

extension JSONValue {
    /// The members of objects, at any depth, that stand here and not in `known`; nil if there are none.
    ///
    /// Lists are taken whole: their members have no names to tell the known from the unknown.
    package func subtracting(_ known: JSONValue) -> JSONValue? {
        guard case .object(let all) = self, case .object(let known) = known else { return nil }
        var rest: [String: JSONValue] = [:]
        for (key, value) in all {
            guard let other = known[key] else {
                rest[key] = value
                continue
            }
            rest[key] = value.subtracting(other)
        }
        return rest.isEmpty ? nil : .object(rest)
    }

    /// This value with the members of `other` added where it has none of that name.
    package func filling(from other: JSONValue) -> JSONValue {
        guard case .object(var own) = self, case .object(let others) = other else { return self }
        for (key, value) in others {
            own[key] = own[key]?.filling(from: value) ?? value
        }
        return .object(own)
    }
}
