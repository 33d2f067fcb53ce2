import PhjobCore
import Testing

struct JobIDTests {
    @Test func madeFromTheTime() {
        var generator = SeededGenerator(seed: 1)
        let time = Timestamp(milliseconds: 1_795_251_659_999)
        let ids = (0..<200).map { _ in JobID(createdAt: time, using: &generator) }
        #expect(ids.allSatisfy { $0.text.hasPrefix("job-202611210900-") && JobID($0.text) == $0 })
        #expect(Set(ids).count == 200)
    }

    @Test func parts() throws {
        let id = try #require(JobID("job-202611210900-a1b2c3"))
        #expect(id.suffix == "a1b2c3")
        #expect(id.containerName == "phjob-job-202611210900-a1b2c3")
        #expect("\(id)" == id.text)
        #expect(try Sample.recoded(id) == id)
    }

    @Test(arguments: [
        "", "job", "job-", "job-202611210900", "job-202611210900-", "job-202611210900-a1b2c",
        "job-202611210900-a1b2c3d",
        "job-202611210900-A1B2C3", "job-20261121090x-a1b2c3", "job_202611210900-a1b2c3", "JOB-202611210900-a1b2c3",
        " job-202611210900-a1b2c3", "job-202611210900-a1b2c3\n", "job-202611210900-a1b2c\u{0}",
        "job-202611210900-../../", "../../../etc/passwd", "job-202611210900-a1b2ć", "job-２02611210900-a1b2",
        "job-202611210900-a1b2\u{1b}3", "-rf", "recurrence-a1b2c3",
    ])
    func refuses(_ text: String) {
        #expect(JobID(text) == nil)
    }

    @Test func everyBeginningIsAPrefix() {
        let text = "job-202611210900-a1b2c3"
        for length in 1...text.count { #expect(JobID.isPrefix(String(text.prefix(length)))) }
    }

    @Test(arguments: [
        "", "x", "jobs", "job-x", "job-202611210900x", "job-202611210900-a1b2c3d", "*", "job-2026/", "@", "j*",
    ])
    func noPrefix(_ text: String) {
        #expect(!JobID.isPrefix(text))
    }
}
