/// How the end of a body is known (RFC 9112, section 6.3).
enum BodyFraming: Sendable, Equatable {
    case length(Int)
    case chunked
    case untilClose

    /// The framing of a request: without a length and a coding it has no body.
    ///
    /// - Throws: `HTTPError.malformed` for anything that two readers could understand in two ways;
    ///   `.unsupportedTransferCoding` for any coding but `chunked`.
    static func ofRequest(_ headers: HTTPHeaders, _ version: ProtocolVersion) throws(HTTPError) -> BodyFraming {
        try explicit(headers, version) ?? .length(0)
    }

    /// The framing of an answer: without a length and a coding its body ends with the connection.
    ///
    /// - Throws: as `ofRequest`.
    static func ofResponse(
        _ status: HTTPStatus, _ headers: HTTPHeaders, _ version: ProtocolVersion, isHead: Bool
    ) throws(HTTPError) -> BodyFraming {
        guard !status.forbidsBody && !isHead else {
            return .length(0)
        }
        return try explicit(headers, version) ?? .untilClose
    }

    private static func explicit(
        _ headers: HTTPHeaders, _ version: ProtocolVersion
    ) throws(HTTPError) -> BodyFraming? {
        let lengths = headers.values("Content-Length")
        guard headers.values("Transfer-Encoding").isEmpty else {
            guard lengths.isEmpty else {
                throw .malformed(.lengthAndTransferEncoding)
            }
            let codings = headers.listMembers("Transfer-Encoding")
            guard codings.allSatisfy({ $0 == "chunked" }) else {
                throw .unsupportedTransferCoding
            }
            guard codings.count == 1, version == .http11 else {
                throw .malformed(.transferEncoding)
            }
            return .chunked
        }
        guard lengths.count <= 1 else {
            throw .malformed(.repeatedContentLength)
        }
        guard let text = lengths.first else {
            return nil
        }
        guard !text.isEmpty, text.utf8.allSatisfy(\.isDigit), let count = Int(text) else {
            throw .malformed(text.utf8.contains(UInt8(ascii: ",")) ? .repeatedContentLength : .contentLength)
        }
        return .length(count)
    }
}
