/// What a person asks for, before it is checked: names of the catalogue, a command, and options. PrimeHub's job JSON.
package struct JobSubmission: Sendable, Equatable, Codable {
    package var displayName: String?
    package var groupName: String?
    package var instanceType: String?
    package var image: String?
    package var command: String?
    package var activeDeadlineSeconds: Int64?
    package var environment: [String: String]?
    /// The same key with the same content gives back the same job.
    package var idempotencyKey: String?

    package init(
        displayName: String? = nil, groupName: String? = nil, instanceType: String? = nil, image: String? = nil,
        command: String? = nil, activeDeadlineSeconds: Int64? = nil, environment: [String: String]? = nil,
        idempotencyKey: String? = nil
    ) {
        self.displayName = displayName
        self.groupName = groupName
        self.instanceType = instanceType
        self.image = image
        self.command = command
        self.activeDeadlineSeconds = activeDeadlineSeconds
        self.environment = environment
        self.idempotencyKey = idempotencyKey
    }

    /// This submission with everything that `other` sets taken from there; variables are joined, name by name.
    package func overridden(by other: JobSubmission) -> JobSubmission {
        var result = self
        result.displayName = other.displayName ?? displayName
        result.groupName = other.groupName ?? groupName
        result.instanceType = other.instanceType ?? instanceType
        result.image = other.image ?? image
        result.command = other.command ?? command
        result.activeDeadlineSeconds = other.activeDeadlineSeconds ?? activeDeadlineSeconds
        if let others = other.environment {
            result.environment = (environment ?? [:]).merging(others) { _, theirs in theirs }
        }
        result.idempotencyKey = other.idempotencyKey ?? idempotencyKey
        return result
    }
}
