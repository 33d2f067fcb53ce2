/// The bounds of a server; each one that is crossed is answered clearly, and ends that connection only.
package struct HTTPLimits: Sendable {
    /// Request line and fields together, in bytes, with their line ends: 431 (414 if the request line alone is longer).
    /// The client takes it as the bound of an answer's head.
    package var headBytes = 16 * 1024
    /// Field lines in a head: 431.
    package var fieldCount = 100
    /// A request's body, in bytes, decoded: 413.
    package var bodyBytes = 4 * 1024 * 1024
    /// How long a head may take, from its first byte: 408.
    package var headTime = Duration.seconds(5)
    /// How long a body may take in all: 408.
    package var bodyTime = Duration.seconds(30)
    /// How long a connection may stay without a request; then it is closed without a word.
    package var idleTime = Duration.seconds(60)
    /// How long a client may take nothing of what is being written to it; then it is cut.
    package var writeTime = Duration.seconds(30)
    /// Connections at a time, in all: 503.
    package var connections = 512
    /// How many of `connections` are kept for privileged peers.
    package var reservedConnections = 4
    /// Connections at a time of one peer: 503.
    package var connectionsPerPeer = 64
    /// How many of `connections` there may be of all peers together that are not identified: 503.
    package var unidentifiedConnections = 16
    /// After an answer that ends the connection, how much more of the request is read and dropped, in bytes, so that
    /// the client gets to read the answer (RFC 9112, section 9.6).
    package var drainBytes = 8 * 1024 * 1024
    /// How long that may take.
    package var drainTime = Duration.seconds(2)
    /// How long that may take for a peer that was refused when it was identified: it holds one of few connections.
    var refusalTime = Duration.milliseconds(250)
    /// After `HTTPServer.stop()`, how long exchanges may take to end by themselves.
    package var stopTime = Duration.seconds(5)
    /// The stack of a connection's thread, on which the handler runs, in bytes.
    package var stackBytes = 512 * 1024

    package init() {}
}
