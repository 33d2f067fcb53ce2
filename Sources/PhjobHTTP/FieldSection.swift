/// Reads the field lines of a head or of trailers (RFC 9112, section 5), strictly: what two readers could understand
/// in two ways is refused.
enum FieldSection {
    /// - Parameter lines: without their line ends.
    /// - Throws: `HTTPError.malformed` and `.tooManyFields`.
    static func parse(_ lines: some Collection<ArraySlice<UInt8>>, limit: Int) throws(HTTPError) -> HTTPHeaders {
        var headers = HTTPHeaders()
        for line in lines {
            guard line.first != .space && line.first != .tab else {
                throw .malformed(.foldedField)
            }
            guard let colon = line.firstIndex(of: .colon) else {
                throw .malformed(.fieldLine)
            }
            let name = line[..<colon]
            guard !name.isEmpty, name.allSatisfy(\.isToken) else {
                throw .malformed(.fieldName)
            }
            let value = line[(colon + 1)...]
            guard value.allSatisfy(\.isFieldContent) else {
                throw .malformed(.fieldValue)
            }
            guard headers.fields.count < limit else {
                throw .tooManyFields(limit: limit)
            }
            headers.add(
                String(decoding: name, as: UTF8.self),
                String(decoding: value.trimmingOptionalWhitespace(), as: UTF8.self))
        }
        return headers
    }

    /// Splits collected bytes, each line of which ends in CRLF, into lines without it.
    static func lines(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: .lineFeed).map { $0.dropLast() }
    }
}
