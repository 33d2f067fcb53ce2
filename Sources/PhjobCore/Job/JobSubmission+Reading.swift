extension JobSubmission {
    /// Everything that is wrong with a job's JSON.
    package struct Problems: Error, Sendable, Equatable, CustomStringConvertible {
        package let all: [JSONReader.Problem]

        package var description: String { all.map(\.description).joined(separator: "\n") }
    }

    /// Reads a job's JSON: PrimeHub's members and ours.
    ///
    /// - Throws: ``Problems`` with every problem and its place.
    package init(reading value: JSONValue) throws(Problems) {
        let problems = JSONReader.Problems()
        let keys = [
            "displayName", "groupName", "instanceType", "image", "command", "activeDeadlineSeconds", "environment",
            "idempotencyKey",
        ]
        let reader = JSONReader(value, place: "", allowed: keys, problems: problems)
        self.init(
            displayName: reader.string("displayName"), groupName: reader.string("groupName"),
            instanceType: reader.string("instanceType"), image: reader.string("image"),
            command: reader.string("command"),
            activeDeadlineSeconds: reader.integer("activeDeadlineSeconds", in: 0...3_153_600_000),
            environment: reader.dictionary("environment"), idempotencyKey: reader.string("idempotencyKey"))
        guard problems.all.isEmpty else { throw Problems(all: problems.all) }
    }
}
