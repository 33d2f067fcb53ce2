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

    @Test func everyBeginningIsAPrefix() throws {
        let text = "job-202611210900-a1b2c3"
        let id = try #require(JobID(text))
        for length in 1...text.count {
            let range = try #require(JobID.range(withPrefix: String(text.prefix(length))))
            #expect(range.contains(id) && range.lowerBound.text.hasPrefix(text.prefix(length)))
            #expect(range.upperBound.text.hasPrefix(text.prefix(length)))
        }
        #expect(JobID.range(withPrefix: text) == id...id)
        #expect(JobID.range(withPrefix: "job-20261121")?.upperBound.text == "job-202611219999-zzzzzz")
    }

    @Test(arguments: [
        "", "x", "jobs", "job-x", "job-202611210900x", "job-202611210900-a1b2c3d", "*", "job-2026/", "@", "j*",
    ])
    func noPrefix(_ text: String) {
        #expect(JobID.range(withPrefix: text) == nil)
    }

    @Test func suffixes() throws {
        let id = try #require(JobID("job-202611210900-0z2c3a"))
        for length in 1...6 {
            let numbers = JobID.suffixNumbers(beginningWith: String("0z2c3a".prefix(length)))
            #expect(numbers?.contains(id.suffixNumber) == true)
        }
        for text in ["z", "00", "0z2c3b", "000z2c"] {
            #expect(JobID.suffixNumbers(beginningWith: text)?.contains(id.suffixNumber) == false)
        }
        #expect(JobID.suffixNumbers(beginningWith: "z")?.upperBound == 2_176_782_335)
        #expect(JobID.suffixNumbers(beginningWith: "000000") == 0...0)
        for text in ["", "zzzzzzz", "A", "a-", "é", "0z2c3aa", "0Z", "-"] {
            #expect(JobID.suffixNumbers(beginningWith: text) == nil)
        }
    }

    @Test func numbersSortAsTextsDo() {
        var generator = SeededGenerator(seed: 2)
        let ids = (0..<300).map { _ in
            JobID(
                createdAt: Timestamp(milliseconds: .random(in: 0...1_800_000_000_000, using: &generator)),
                using: &generator)
        }
        #expect(ids.sorted().map(\.text) == ids.map(\.text).sorted())
        #expect(ids.allSatisfy { JobID($0.text) == $0 })
    }
}
