/// The head of an answer (RFC 9112, section 4).
struct ResponseHead: Sendable, Equatable {
    let status: HTTPStatus
    let headers: HTTPHeaders
    let version: ProtocolVersion

    /// - Parameter bytes: as `HeadCollector` gathered them.
    /// - Throws: `HTTPError.malformed`, `.tooManyFields`, `.unsupportedVersion`.
    init(parsing bytes: [UInt8], fieldLimit: Int) throws(HTTPError) {
        let lines = FieldSection.lines(bytes)
        let parts = lines[0].split(separator: .space, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[1].count == 3, parts[1].allSatisfy(\.isDigit),
            let code = Int(String(decoding: parts[1], as: UTF8.self)), (100...599).contains(code)
        else {
            throw .malformed(.statusLine)
        }
        self.version = try ProtocolVersion(parsing: parts[0])
        self.status = HTTPStatus(code)
        self.headers = try FieldSection.parse(lines.dropFirst(), limit: fieldLimit)
    }

    /// Whether the server keeps the connection open after this answer (RFC 9112, section 9.3).
    var keepsAlive: Bool {
        let options = headers.listMembers("Connection")
        return !options.contains("close") && (version == .http11 || options.contains("keep-alive"))
    }
}
