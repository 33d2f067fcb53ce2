/// What is known of a job that waits.
package struct PendingJob: Sendable, Equatable {
    /// Jobs of a higher one come first.
    package var priority: Int
    /// Who holds it back; nil if nobody does.
    package var hold: Hold?

    /// That somebody holds a job back.
    package struct Hold: Sendable, Equatable, Codable {
        package var userName: String
        package var time: Timestamp
        /// Whether only an administrator may release it.
        package var isByAdministrator: Bool

        package init(userName: String, time: Timestamp, isByAdministrator: Bool) {
            self.userName = userName
            self.time = time
            self.isByAdministrator = isByAdministrator
        }
    }

    package init(priority: Int = 0, hold: Hold? = nil) {
        self.priority = priority
        self.hold = hold
    }

    /// The priorities that there are.
    package static let priorities = -1000...1000
}

extension PendingJob: Codable {
    private enum CodingKeys: String, CodingKey { case priority, hold }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            priority: try container.decodeIfPresent(Int.self, forKey: .priority) ?? 0,
            hold: try container.decodeIfPresent(Hold.self, forKey: .hold))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if priority != 0 { try container.encode(priority, forKey: .priority) }
        try container.encodeIfPresent(hold, forKey: .hold)
    }
}
