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

    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
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
        if let problem = JSONSyntax.problem(in: bytes, allowingComments: allowingComments) { return problem }
        guard case DecodingError.dataCorrupted(let context) = error else { return "\(error)" }
        return context.debugDescription
    }
}
