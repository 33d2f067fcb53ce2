/// An answer whose body is at hand. For one that is made as it goes, see `HTTPExchange.startStreaming`.
package struct HTTPResponse: Sendable, Equatable {
    package var status: HTTPStatus
    /// `Content-Length`, `Transfer-Encoding` and `Date` are supplied by the server; `Connection: close` is honoured.
    package var headers: HTTPHeaders
    package var body: [UInt8]

    package init(_ status: HTTPStatus, headers: HTTPHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// How the end of an answer's body is known (RFC 9112, section 6).
    enum Framing: Equatable {
        case length(Int)
        case chunked
        case untilClose
    }

    /// Status line and fields as they go over the wire.
    static func encodedHead(
        _ status: HTTPStatus, _ headers: HTTPHeaders, framing: Framing, keepAlive: Bool
    ) -> [UInt8] {
        var fields = headers
        fields["Date"] = HTTPDate.now()
        fields["Content-Length"] = nil
        fields["Transfer-Encoding"] = nil
        if !status.forbidsBody {
            switch framing {
            case .length(let count): fields["Content-Length"] = String(count)
            case .chunked: fields["Transfer-Encoding"] = "chunked"
            case .untilClose: break
            }
        }
        fields["Connection"] = keepAlive ? "keep-alive" : "close"
        var bytes = Array("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n".utf8)
        fields.write(to: &bytes)
        bytes.append(contentsOf: [.carriageReturn, .lineFeed])
        return bytes
    }

    /// All of it as it goes over the wire.
    func encoded(keepAlive: Bool, withBody: Bool = true) -> [UInt8] {
        var bytes = Self.encodedHead(status, headers, framing: .length(body.count), keepAlive: keepAlive)
        if withBody && !status.forbidsBody {
            bytes.append(contentsOf: body)
        }
        return bytes
    }
}
