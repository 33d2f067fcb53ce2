import PhjobHTTP

/// How long to wait before a request is sent again that the runner had no room for. Only a request of which nothing was done
/// is answered with `Retry-After` (RFC 9110, section 10.2.3).
struct RetryDelay: Sendable, Equatable {
    /// Before that time a new try is of no use.
    let shortest: Duration
    /// All who wait may have come together; they should not come back together.
    let spread: Duration

    /// Nil if the answer stands.
    init?(_ status: HTTPStatus, _ headers: HTTPHeaders) {
        guard let seconds = headers["Retry-After"].flatMap({ Int32($0) }), seconds >= 0 else { return nil }
        switch status {
        case .serviceUnavailable:
            // A connection can come free at any moment; a second is only the least that the header can say.
            (shortest, spread) = (.milliseconds(100), .milliseconds(100))
        case .tooManyRequests:
            (shortest, spread) = (.seconds(seconds), .milliseconds(200))
        default:
            return nil
        }
    }

    init?(_ response: HTTPClientResponse) {
        self.init(response.status, response.headers)
    }

    func random() -> Duration { shortest + spread * Double.random(in: 0...1) }
}
