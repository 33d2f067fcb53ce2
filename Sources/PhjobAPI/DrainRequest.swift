/// That no job is to be started any more.
package struct DrainRequest: Sendable, Equatable, Codable {
    /// What everybody is told.
    package var reason: String

    package init(reason: String) {
        self.reason = reason
    }
}
