/// Which quota a waiting job is over.
package enum OverQuota: Sendable, Equatable {
    /// That of its user in its group.
    case ofUser
    /// That of its group.
    case ofGroup
}
