package import PhjobCore

/// The runner's answer about one job, as it came. Who needs only the id does not pay for reading all of it.
package struct JobAnswer: Sendable {
    private let body: [UInt8]

    init(body: [UInt8]) {
        self.body = body
    }

    /// What is needed of an answer where nobody asks for the job itself.
    package struct Receipt: Decodable {
        package let id: JobID
        /// What the submitter should know.
        package let warnings: [String]?
    }

    package func receipt() throws -> Receipt { try JSONBody.decode(Receipt.self, from: body) }

    package func view() throws -> JobView { try JSONBody.decode(JobView.self, from: body) }
}
