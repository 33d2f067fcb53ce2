/// The version in a request line or a status line (RFC 9112, section 2.3).
enum ProtocolVersion: Sendable, Equatable {
    /// HTTP/1.0.
    case http10
    /// HTTP/1.1, or a later minor version, which is treated as this one (RFC 9110, section 2.5).
    case http11

    /// - Throws: `HTTPError.malformed(.version)` for another form, `.unsupportedVersion` for another major version.
    init(parsing bytes: ArraySlice<UInt8>) throws(HTTPError) {
        guard bytes.count == 8, bytes.starts(with: "HTTP/".utf8) else {
            throw .malformed(.version)
        }
        let start = bytes.startIndex
        let (major, dot, minor) = (bytes[start + 5], bytes[start + 6], bytes[start + 7])
        guard major.isDigit, dot == UInt8(ascii: "."), minor.isDigit else {
            throw .malformed(.version)
        }
        guard major == UInt8(ascii: "1") else {
            throw .unsupportedVersion
        }
        self = minor == UInt8(ascii: "0") ? .http10 : .http11
    }
}
