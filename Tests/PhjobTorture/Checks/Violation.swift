import PhjobCore

/// Something that phjob promises, and that is not so.
struct Violation: Sendable, Equatable, CustomStringConvertible {
    /// The job that it is about; nil if it is about none.
    let job: JobID?
    let text: String

    init(_ job: JobID, _ text: String) {
        (self.job, self.text) = (job, text)
    }

    init(_ text: String) {
        (job, self.text) = (nil, text)
    }

    var description: String { (job.map { "\($0): " } ?? "") + text }
}
