import PhjobCore

/// JSON values, and the many texts that stand for one.
enum JSONTree {
    static func random(_ random: inout Randomness, depth: Int = 0) -> JSONValue {
        let kind = random.number(0...(depth < 5 ? 8 : 5))
        switch kind {
        case 0: return .null
        case 1: return .bool(random.happens(onceIn: 2))
        case 2: return .integer(Int64(random.number(-1000...1000)))
        case 3: return .integer(random.one(of: [.max, .min, 0, -1, Int64(1) << 53, Int64(bitPattern: random.next())]))
        // Never whole: such a number is read as an integer.
        case 4: return .number(Double(random.number(-1_000_000...1_000_000)) + 1 / 1024)
        case 5: return .string(random.text())
        case 6: return .array((0..<random.number(0...4)).map { _ in self.random(&random, depth: depth + 1) })
        default:
            var members: [String: JSONValue] = [:]
            for _ in 0..<random.number(0...4) { members[random.text(4)] = self.random(&random, depth: depth + 1) }
            return .object(members)
        }
    }

    /// A text of `value`, with blanks and escapes as they come.
    static func text(_ value: JSONValue, _ random: inout Randomness) -> String {
        let blank = random.happens(onceIn: 4) ? random.one(of: [" ", "\n", "\t\r\n"]) : ""
        switch value {
        case .null: return blank + "null" + blank
        case .bool(let value): return blank + "\(value)" + blank
        case .integer(let value): return blank + "\(value)" + blank
        case .number(let value): return blank + "\(value)" + blank
        case .string(let value): return blank + quoted(value, &random) + blank
        case .array(let values):
            return blank + "[" + values.map { text($0, &random) }.joined(separator: ",") + blank + "]"
        case .object(let members):
            // Sorted, so that the same input is made each time.
            let all = members.sorted { $0.key < $1.key }.map {
                quoted($0.key, &random) + blank + ":" + text($0.value, &random)
            }
            return "{" + all.joined(separator: ",") + "}" + blank
        }
    }

    private static func quoted(_ text: String, _ random: inout Randomness) -> String {
        let escapesAll = random.happens(onceIn: 8)
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(Character(scalar))
            case "\n" where random.happens(onceIn: 2): result += "\\n"
            case _ where escapesAll || scalar.value < 0x20:
                for unit in UTF16.encode(scalar) ?? .init() { result += "\\u" + hexadecimal(unit) }
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func hexadecimal(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// `value` with one node at random replaced, removed or doubled.
    static func changed(_ value: JSONValue, _ random: inout Randomness) -> JSONValue {
        switch value {
        case .array(var values) where !values.isEmpty && !random.happens(onceIn: 6):
            let index = random.number(0...values.count - 1)
            switch random.number(0...5) {
            case 0: values.remove(at: index)
            case 1: values.append(values[index])
            default: values[index] = changed(values[index], &random)
            }
            return .array(values)
        case .object(var members) where !members.isEmpty && !random.happens(onceIn: 8):
            let key = random.one(of: members.keys.sorted())
            switch random.number(0...6) {
            case 0: members[key] = nil
            case 1: members[random.text(6)] = members[key]
            default: members[key] = members[key].map { changed($0, &random) }
            }
            return .object(members)
        default: return replacement(for: value, &random)
        }
    }

    private static func replacement(for value: JSONValue, _ random: inout Randomness) -> JSONValue {
        guard case .string(let text) = value, random.happens(onceIn: 2) else { return self.random(&random, depth: 3) }
        return .string(String(decoding: Mutation.bytes(Array(text.utf8), &random), as: UTF8.self))
    }
}
