/// What a request is about: a path and a query, in origin-form only (RFC 9112, section 3.2.1).
///
/// Decoding happens after splitting, so an encoded slash stays inside its segment, and `&` inside its value.
package struct HTTPTarget: Sendable, Equatable {
    /// The path as it goes over the wire, percent-encoded; starts with a slash.
    package let path: String
    /// What stands between the slashes, decoded. `/` has one empty segment; a trailing slash makes a last, empty one.
    /// May contain any character but NUL, a slash too; never `.` or `..`.
    package let segments: [String]
    /// Decoded, in order; a name may occur more than once.
    package let query: [HTTPQueryItem]

    /// A target for a request of our own; everything is encoded as it needs to be.
    package init(segments: [String], query: [HTTPQueryItem] = []) {
        self.path = "/" + segments.map(PercentEncoding.encode).joined(separator: "/")
        self.segments = segments.isEmpty ? [""] : segments
        self.query = query
    }

    /// Reads a target from a request line.
    ///
    /// - Throws: `HTTPError.malformed` for another form than origin-form, a character that must be encoded, an invalid
    ///   escape, text that is not UTF-8 or contains NUL, and the segments `.` and `..`, which no client of ours sends.
    init(parsing bytes: ArraySlice<UInt8>) throws(HTTPError) {
        guard bytes.first == .slash, bytes.allSatisfy(\.isTargetContent) else {
            throw .malformed(.target)
        }
        let pathEnd = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        let rawPath = bytes[..<pathEnd]
        var segments: [String] = []
        for part in rawPath.dropFirst().split(separator: .slash, omittingEmptySubsequences: false) {
            let segment = try PercentEncoding.decode(part, plusIsSpace: false)
            guard segment != "." && segment != ".." else {
                throw .malformed(.dotSegment)
            }
            segments.append(segment)
        }
        var query: [HTTPQueryItem] = []
        for part in bytes[pathEnd...].dropFirst().split(separator: UInt8(ascii: "&")) {
            let nameEnd = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            query.append(
                HTTPQueryItem(
                    try PercentEncoding.decode(part[..<nameEnd], plusIsSpace: true),
                    try PercentEncoding.decode(part[nameEnd...].dropFirst(), plusIsSpace: true)))
        }
        self.path = String(decoding: rawPath, as: UTF8.self)
        self.segments = segments
        self.query = query
    }

    /// Path and query as they go over the wire.
    var encoded: String {
        guard !query.isEmpty else {
            return path
        }
        let items = query.map { PercentEncoding.encode($0.name) + "=" + PercentEncoding.encode($0.value) }
        return path + "?" + items.joined(separator: "&")
    }
}
