import FoundationEssentials
package import PhjobCore
package import PhjobHTTP

/// JSON as the API writes and reads it.
package enum JSONBody {
    package static func encode(_ value: some Encodable, pretty: Bool = false) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting =
            pretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.withoutEscapingSlashes]
        return Array(try encoder.encode(value))
    }

    /// The deepest nesting of lists and objects that is read: a decoder recurses, and a thread's stack is small.
    private static let maximumDepth = 32
    /// The most values in a request. A submission has ten, and two for each variable.
    private static let maximumValues = 20_000

    /// What an answer holds. Who asks trusts who answers; only the stack is guarded.
    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        guard depth(of: bytes) <= maximumDepth else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(codingPath: [], debugDescription: "this is nested too deeply"))
        }
        return try JSONDecoder().decode(type, from: Data(bytes))
    }

    /// What a person or a program wrote, to be read member by member.
    ///
    /// - Throws: what is wrong, with the line and column.
    package static func value(in bytes: [UInt8]) throws(InvalidValue) -> JSONValue {
        try value(in: bytes, JSONSyntax.Bounds(depth: maximumDepth, values: maximumValues), allowingComments: false)
    }

    /// As ``value(in:)``, for a file of the administrator's in which comments are allowed (JSON5).
    package static func valueWithComments(in bytes: [UInt8]) throws(InvalidValue) -> JSONValue {
        try value(in: bytes, JSONSyntax.Bounds(depth: maximumDepth), allowingComments: true)
    }

    private static func value(
        in bytes: [UInt8], _ bounds: JSONSyntax.Bounds, allowingComments: Bool
    ) throws(InvalidValue) -> JSONValue {
        if let problem = JSONSyntax.problem(in: bytes, allowingComments: allowingComments, bounds: bounds) {
            throw InvalidValue(problem)
        }
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = allowingComments
        do {
            // Where a number ends the text, swift-foundation's reader of JSON5 looks at the bytes after it, and may trap.
            let end = allowingComments ? [UInt8(ascii: "\n")] : []
            return try decoder.decode(JSONValue.self, from: Data(bytes) + end)
        } catch DecodingError.dataCorrupted(let context) {
            throw InvalidValue(context.debugDescription)
        } catch {
            throw InvalidValue("\(error)")
        }
    }

    private static func depth(of bytes: [UInt8]) -> Int {
        var (depth, deepest) = (0, 0)
        var isInString = false
        var isEscaped = false
        for byte in bytes {
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isInString: isEscaped = true
            case UInt8(ascii: "\""): isInString.toggle()
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                guard !isInString else { continue }
                depth += 1
                deepest = max(deepest, depth)
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if !isInString { depth -= 1 }
            default: continue
            }
        }
        return deepest
    }

    /// An answer with a JSON body.
    package static func response(_ status: HTTPStatus, _ value: some Encodable) throws -> HTTPResponse {
        HTTPResponse(
            status, headers: ["Content-Type": "application/json"], body: try encode(value) + [UInt8(ascii: "\n")])
    }
}
