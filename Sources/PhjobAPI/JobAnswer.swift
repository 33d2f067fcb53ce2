package import PhjobCore

/// The runner's answer about one job, as it came. Who needs only the id does not pay for reading all of it.
package struct JobAnswer: Sendable {
    private let body: [UInt8]

    init(body: [UInt8]) {
        self.body = body
    }

    package func id() throws -> JobID {
        struct Identified: Decodable {
            var id: JobID
        }
        return try JSONBody.decode(Identified.self, from: body).id
    }

    package func view() throws -> JobView { try JSONBody.decode(JobView.self, from: body) }
}
