/// What the caller of a server says about a connection that has just been accepted.
package enum HTTPAdmission: Sendable, Equatable {
    /// Connections with the same key count as one peer's. A privileged peer may use the reserved connections too.
    case accepted(peer: UInt64, isPrivileged: Bool = false)
    /// Who it is has still to be found out. Until then it has one of `HTTPLimits.unidentifiedConnections`, which all such peers
    /// share.
    case unidentified(peer: UInt64)
    /// Answered with this at once, before anything is read, and closed.
    case refused(HTTPResponse)
}
