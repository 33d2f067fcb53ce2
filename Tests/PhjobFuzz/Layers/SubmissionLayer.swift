import PhjobAPI
import PhjobCore
import PhjobStore
import PhjobTestSupport

/// A job as it is submitted: what is admitted is sound, and survives being written down.
enum SubmissionLayer: FuzzLayer {
    static let name = "submission"

    private static let keys = [
        "displayName", "groupName", "instanceType", "image", "command", "activeDeadlineSeconds", "environment",
        "idempotencyKey",
    ]

    static func run(_ random: inout Randomness) throws(Violation) -> Bool {
        var value = submission(&random)
        if random.happens(onceIn: 2) { value = JSONTree.changed(value, &random) }
        let text = Array(JSONTree.text(value, &random).utf8)
        let read = try Check.succeeds("reading") { try JSONBody.value(in: text) }
        let submission: JobSubmission
        do {
            submission = try JobSubmission(reading: read)
        } catch {
            try Check.isTrue(error.all.count <= 101, "\(error.all.count) problems")
            for problem in error.all { try Check.isPlain(problem.description, "the problem", most: 10_000) }
            return false
        }
        let encoded = try Check.succeeds("writing") { try JSONBody.encode(submission) }
        let again = try Check.succeeds("reading again") { try JobSubmission(reading: JSONBody.value(in: encoded)) }
        try Check.equal(again, submission, "once more")
        return try admit(submission)
    }

    private static func submission(_ random: inout Randomness) -> JSONValue {
        var members: [String: JSONValue] = [:]
        if random.happens(onceIn: 3) { members["displayName"] = .string(random.text()) }
        if random.happens(onceIn: 3) {
            members["groupName"] = .string(random.one(of: ["research", "teaching", "none"]))
        }
        if random.happens(onceIn: 3) { members["instanceType"] = .string(random.one(of: ["cpu-1", "gpu-1", "x"])) }
        if random.happens(onceIn: 3) { members["image"] = .string(random.one(of: ["base", "torch", random.text()])) }
        members["command"] = .string(random.happens(onceIn: 2) ? "echo hello" : random.text(40))
        if random.happens(onceIn: 4) { members["activeDeadlineSeconds"] = .integer(Int64(random.number(0...100_000))) }
        if random.happens(onceIn: 3) {
            let names = ["SEED", "A", "PATH", "LD_PRELOAD", "PHJOB_ID", "UID", "A B", "--privileged", random.text(6)]
            let pairs = (0..<random.number(0...3)).map { _ in (random.one(of: names), JSONValue.string(random.text())) }
            members["environment"] = .object(Dictionary(pairs) { $1 })
        }
        if random.happens(onceIn: 6) { members["idempotencyKey"] = .string(random.text()) }
        return .object(members)
    }

    private static func admit(_ submission: JobSubmission) throws(Violation) -> Bool {
        let user = JobSpec.User(name: "grace", uid: 1000, gid: 100)
        let spec: JobSpec
        do throws(PhjobError) {
            spec = try SampleCatalogue.catalogue.admit(
                submission, caller: Caller(user: user), capacity: SampleCatalogue.capacity, contentDigest: "0")
        } catch {
            try Check.isPlain(error.description, "the refusal")
            return false
        }
        try Check.equal(spec.user, user, "whose job it is")
        try Check.isTrue(Name.problem(inDisplayName: spec.displayName) == nil, "the name '\(spec.displayName)'")
        try Check.isTrue(!spec.command.utf8.contains(0) && !spec.command.isEmpty, "the command '\(spec.command)'")
        for (name, value) in spec.environment {
            try Check.isTrue(Name.isEnvironmentName(name) && !value.utf8.contains(0), "the variable '\(name)'")
            try Check.isTrue(!name.hasPrefix("PHJOB_") && !name.hasPrefix("PRIMEHUB_"), "the reserved '\(name)'")
        }
        let record = JobRecord(job: Job(id: SampleJob.id(), spec: spec, createTime: SampleJob.time), revision: 1)
        let bytes = try Check.succeeds("writing the record") { try JobRecordCoding.encode(record) }
        let found = try Check.succeeds("reading the record") { try JobRecordCoding.decode(bytes, id: SampleJob.id()) }
        try Check.equal(found, record, "the record")
        return true
    }
}
