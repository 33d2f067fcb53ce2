/// What all connections of a server have in common.
struct HTTPService: Sendable {
    let limits: HTTPLimits
    let errorResponse: @Sendable (HTTPError) -> HTTPResponse
    let handler: @Sendable (HTTPExchange) -> Void
}
