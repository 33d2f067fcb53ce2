package import PhjobCore

/// The labels by which the runner finds its own containers, and only its own.
package struct ContainerLabels: Sendable, Equatable {
    package static let jobKey = "phjob.job"
    package static let stateKey = "phjob.state"

    package var job: JobID
    /// The id of the state directory that the container's record is in.
    package var state: String

    package init(job: JobID, state: String) {
        self.job = job
        self.state = state
    }

    var arguments: [String] { ["--label=\(Self.jobKey)=\(job)", "--label=\(Self.stateKey)=\(state)"] }
}
