/// Why a job is in its phase: a stable CamelCase code for programs. Codes written by a newer phjob are kept as they are.
package struct JobReason: RawRepresentable, Sendable, Hashable, Codable {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    // Waiting.
    package static let waitingForResources = JobReason(rawValue: "WaitingForResources")
    package static let waitingForTurn = JobReason(rawValue: "WaitingForTurn")
    package static let waitingForSpace = JobReason(rawValue: "WaitingForSpace")
    package static let waitingForEngine = JobReason(rawValue: "WaitingForEngine")
    package static let waitingForQuota = JobReason(rawValue: "WaitingForQuota")
    package static let waitingForStorage = JobReason(rawValue: "WaitingForStorage")
    package static let held = JobReason(rawValue: "Held")
    package static let drained = JobReason(rawValue: "Drained")
    // Preparing.
    package static let preparingImage = JobReason(rawValue: "PreparingImage")
    package static let startingContainer = JobReason(rawValue: "StartingContainer")
    // Running.
    package static let started = JobReason(rawValue: "Started")
    package static let stopping = JobReason(rawValue: "Stopping")
    // Ended.
    package static let completed = JobReason(rawValue: "Completed")
    package static let nonZeroExit = JobReason(rawValue: "NonZeroExit")
    package static let signalled = JobReason(rawValue: "Signalled")
    package static let outOfMemory = JobReason(rawValue: "OutOfMemory")
    package static let deadlineExceeded = JobReason(rawValue: "DeadlineExceeded")
    package static let imageUnavailable = JobReason(rawValue: "ImageUnavailable")
    package static let containerFailed = JobReason(rawValue: "ContainerFailed")
    package static let unschedulable = JobReason(rawValue: "Unschedulable")
    package static let notPermitted = JobReason(rawValue: "NotPermitted")
    package static let scratchLimitExceeded = JobReason(rawValue: "ScratchLimitExceeded")
    package static let cancelledByUser = JobReason(rawValue: "CancelledByUser")
    package static let nodeLost = JobReason(rawValue: "NodeLost")
    package static let loggedOut = JobReason(rawValue: "LoggedOut")
    package static let containerLost = JobReason(rawValue: "ContainerLost")
    package static let launchInterrupted = JobReason(rawValue: "LaunchInterrupted")
}
