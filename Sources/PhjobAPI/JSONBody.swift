import FoundationEssentials
import PhjobCore
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
    private static let tooDeep = "lists and objects are nested more than \(maximumDepth) deep"

    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        guard depth(of: bytes) <= maximumDepth else {
            throw DecodingError.dataCorrupted(DecodingError.Context(codingPath: [], debugDescription: tooDeep))
        }
        return try JSONDecoder().decode(type, from: Data(bytes))
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

    /// What is wrong with text that could not be read, with the line and column if it is not JSON at all.
    package static func problem(
        _ error: any Error, in bytes: [UInt8], allowingComments: Bool = false
    ) -> String {
        if !allowingComments, depth(of: bytes) > maximumDepth { return tooDeep }
        if let problem = JSONSyntax.problem(in: bytes, allowingComments: allowingComments) { return problem }
        guard case DecodingError.dataCorrupted(let context) = error else { return "\(error)" }
        return context.debugDescription
    }
}
