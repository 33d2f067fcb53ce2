/// A request, complete with its body.
package struct HTTPRequest: Sendable, Equatable {
    /// Case-sensitive, any token (RFC 9110, section 9.1).
    package var method: String
    package var target: HTTPTarget
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// Whether the client speaks HTTP/1.0: no chunked answers, and one request a connection unless it asks for more.
    let isVersion10: Bool

    /// A request of our own, HTTP/1.1.
    ///
    /// - Parameter path: segments with slashes between them, not encoded: `/v1/jobs`. A segment that may itself contain
    ///   a slash goes through `init(_:segments:…)`.
    package init(
        _ method: String, _ path: String, query: [HTTPQueryItem] = [], headers: HTTPHeaders = [:], body: [UInt8] = []
    ) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        self.init(
            method, segments: Array(path.hasPrefix("/") ? parts.dropFirst() : parts[...]), query: query,
            headers: headers, body: body)
    }

    /// A request of our own, HTTP/1.1, whose path is made of the given segments.
    package init(
        _ method: String, segments: [String], query: [HTTPQueryItem] = [], headers: HTTPHeaders = [:],
        body: [UInt8] = []
    ) {
        self.init(
            method: method, target: HTTPTarget(segments: segments, query: query), headers: headers, body: body,
            isVersion10: false)
    }

    init(method: String, target: HTTPTarget, headers: HTTPHeaders, body: [UInt8], isVersion10: Bool) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.isVersion10 = isVersion10
    }

    /// The path as it goes over the wire.
    package var path: String {
        target.path
    }

    /// The first value of a name in the query, nil without it.
    package func queryValue(_ name: String) -> String? {
        target.query.first { $0.name == name }?.value
    }

    /// Every value of a name in the query, in order.
    package func queryValues(_ name: String) -> [String] {
        target.query.filter { $0.name == name }.map(\.value)
    }

    /// Whether the client wants to send another request on the same connection (RFC 9112, section 9.3).
    var wantsKeepAlive: Bool {
        let options = headers.listMembers("Connection")
        return !options.contains("close") && (!isVersion10 || options.contains("keep-alive"))
    }

    /// Request line and fields as they go over the wire. `Host` and the length of the body are supplied.
    func encodedHead() -> [UInt8] {
        var fields = headers
        if fields["Host"] == nil {
            fields["Host"] = "localhost"
        }
        fields["Transfer-Encoding"] = nil
        fields["Content-Length"] = nil
        if !body.isEmpty || method == "POST" || method == "PUT" || method == "PATCH" {
            fields["Content-Length"] = String(body.count)
        }
        var bytes = Array("\(method) \(target.encoded) HTTP/1.1\r\n".utf8)
        fields.write(to: &bytes)
        bytes.append(contentsOf: [.carriageReturn, .lineFeed])
        return bytes
    }
}
