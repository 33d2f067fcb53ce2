import PhjobCore

/// The answer to a submission that was only tried.
package struct DryRunAnswer: Sendable, Equatable, Codable {
    package var job: JobView
    /// The exact command that would start the container; it has stand-ins where only a real job has values.
    package var containerCommand: [String]

    package init(job: JobView, containerCommand: [String]) {
        self.job = job
        self.containerCommand = containerCommand
    }
}

/// The answer to a wait for jobs.
package struct WaitAnswer: Sendable, Equatable, Codable {
    /// In the order in which they were named, each once. Those beyond an ``AnswerBudget`` are shortened.
    package var items: [JobView]
    /// Whether the time was over before what was waited for.
    package var timedOut: Bool

    package init(items: [JobView], timedOut: Bool) {
        self.items = items
        self.timedOut = timedOut
    }

    /// The most jobs that can be named in one wait.
    package static let maximumJobs = 1000
}

/// The answer to a wait for any change.
package struct ChangesAnswer: Sendable, Equatable, Codable {
    package var revision: UInt64

    package init(revision: UInt64) {
        self.revision = revision
    }
}
