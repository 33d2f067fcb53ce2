import PhjobCore
import PhjobTestSupport

/// Values with a text form of their own.
enum ValueLayer: FuzzLayer {
    static let name = "value"

    private static let samples = [
        "docker.io/pytorch/pytorch:2.4.0-cuda12.1", "localhost:5000/a@sha256:" + String(repeating: "0f", count: 32),
        "busybox",
        "16G", "1.5M", "512", "90s", "1d2h3m4s", "0", "2026-11-21T07:27:33.125Z", "2026-02-29T24:00:00+01:00",
        "1970-01-01T00:00:00Z", "job-202611210727-0a1b2c", "0a1b2c", "job-2026", "docker.io/**", "*:latest",
        "/srv/data", "a-b_c.d",
    ]

    static func run(_ random: inout Randomness) throws(Violation) -> Bool {
        var text = random.one(of: samples)
        if !random.happens(onceIn: 4) {
            text = String(decoding: Mutation.bytes(Array(text.utf8), &random), as: UTF8.self)
        }
        var isAccepted = try reference(text)
        isAccepted = try quantities(text) || isAccepted
        isAccepted = try jobID(text) || isAccepted
        if HostPath.problem(in: text) == nil {
            try Check.isTrue(text.hasPrefix("/") && !text.contains(":") && !text.contains(","), "the path '\(text)'")
            try Check.isPlain(text, "the path")
        }
        try Check.isPlain(HostPath.problem(in: text) ?? "", "a path's problem")
        try Check.isPlain(Name.problem(inDisplayName: text) ?? "", "a name's problem")
        if Name.isValid(text) { try Check.isTrue(!text.contains("/") && !text.hasPrefix("-"), "the name '\(text)'") }
        return isAccepted
    }

    private static func reference(_ text: String) throws(Violation) -> Bool {
        if let message = problem(text, ImagePattern.init(parsing:)) {
            try Check.isPlain(message, "a pattern's problem")
        }
        if let message = problem(text, ImageReference.init(parsing:)) {
            try Check.isPlain(message, "a reference's problem")
            return false
        }
        try Check.isTrue(!text.hasPrefix("-") && !text.isEmpty, "the reference '\(text)'")
        try Check.isPlain(text, "the reference")
        if let reference = try? ImageReference(parsing: text), let pattern = try? ImagePattern(parsing: text) {
            try Check.isTrue(text.contains("*") || pattern.allows(reference), "'\(text)' does not allow itself")
            try Check.isTrue(ImagePattern.everything.allows(reference), "'\(text)' is not allowed by **")
        }
        return true
    }

    private static func quantities(_ text: String) throws(Violation) -> Bool {
        var isAccepted = false
        if let message = problem(text, MemorySize.init(parsing:)) {
            try Check.isPlain(message, "a size's problem")
        } else {
            isAccepted = true
        }
        if let message = problem(text, TimeSpan.init(parsing:)) {
            try Check.isPlain(message, "a duration's problem")
        } else if let span = try? TimeSpan(parsing: text) {
            isAccepted = true
            try Check.isTrue(span.seconds >= 0 && !span.short.isEmpty && !span.clock.isEmpty, "the duration '\(text)'")
        }
        if let time = Timestamp(text) {
            isAccepted = true
            try Check.equal(Timestamp(time.description), time, "the time '\(text)' written and read again")
            _ = time.seconds(since: SampleJob.time)
            _ = time.adding(seconds: .max)
        }
        return isAccepted
    }

    private static func jobID(_ text: String) throws(Violation) -> Bool {
        let id = JobID(text)
        if let id {
            try Check.equal(id.text, text, "the id")
            try Check.isTrue(JobID.range(withPrefix: text) == id...id, "the range of '\(text)'")
        }
        let sample = SampleJob.id(12_345)
        if let range = JobID.range(withPrefix: text) {
            try Check.equal(range.contains(sample), sample.text.hasPrefix(text), "whether '\(text)' begins \(sample)")
        }
        if let numbers = JobID.suffixNumbers(beginningWith: text) {
            try Check.equal(
                numbers.contains(sample.suffixNumber), sample.text.suffix(6).hasPrefix(text),
                "whether '\(text)' ends \(sample)")
        }
        return id != nil
    }

    /// Why a text is refused; nil if it is not.
    private static func problem<Value>(_ text: String, _ parse: (String) throws(InvalidValue) -> Value) -> String? {
        do throws(InvalidValue) {
            _ = try parse(text)
            return nil
        } catch {
            return error.message
        }
    }
}
