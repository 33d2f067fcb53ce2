/// Where a job stands. The last four are final: they never change again.
package enum JobPhase: String, Sendable, Hashable, Codable, CaseIterable {
    /// Waits for capacity.
    case pending = "Pending"
    /// Its image, directories and container are being made.
    case preparing = "Preparing"
    case running = "Running"
    case succeeded = "Succeeded"
    case failed = "Failed"
    case cancelled = "Cancelled"
    /// What became of it cannot be known; the reason says why.
    case unknown = "Unknown"

    package var isFinal: Bool {
        switch self {
        case .pending, .preparing, .running: false
        case .succeeded, .failed, .cancelled, .unknown: true
        }
    }
}
