import FoundationEssentials
import PhjobCore
import Testing

@testable import PhjobEngine

struct ContainerInspectionTests {
    /// A recorded answer, and what is to be read from it.
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var answer: String
        var status: String
        var exitCode: Int32 = 0
        var ran = true
        var ended = true
        var outOfMemory = false
        var error = ""
    }

    static let cases = [
        Case(
            testDescription: "podman created", answer: Recorded.podmanCreated, status: "created", ran: false,
            ended: false),
        Case(
            testDescription: "docker created", answer: Recorded.dockerCreated, status: "created", ran: false,
            ended: false),
        Case(testDescription: "podman running", answer: Recorded.podmanRunning, status: "running", ended: false),
        Case(testDescription: "docker running", answer: Recorded.dockerRunning, status: "running", ended: false),
        Case(testDescription: "podman 0", answer: Recorded.podmanExitedWithZero, status: "exited"),
        Case(testDescription: "docker 0", answer: Recorded.dockerExitedWithZero, status: "exited"),
        Case(testDescription: "podman 7", answer: Recorded.podmanExitedWithSeven, status: "exited", exitCode: 7),
        Case(testDescription: "docker 7", answer: Recorded.dockerExitedWithSeven, status: "exited", exitCode: 7),
        // podman says 0 of a start that failed.
        Case(
            testDescription: "podman start failed", answer: Recorded.podmanStartFailed, status: "created", ran: false,
            ended: false),
        Case(
            testDescription: "docker start failed", answer: Recorded.dockerStartFailed, status: "created",
            exitCode: 127,
            ran: false, ended: false, error: "exec: \"/no/such\": stat /no/such: no such file or directory"),
        // podman 4.3.1 does not see that memory was the reason.
        Case(testDescription: "podman OOM", answer: Recorded.podmanOutOfMemory, status: "exited", exitCode: 137),
        Case(
            testDescription: "docker OOM", answer: Recorded.dockerOutOfMemory, status: "exited", exitCode: 137,
            outOfMemory: true),
        Case(testDescription: "podman --timeout", answer: Recorded.podmanTimedOut, status: "exited", exitCode: -1),
    ]

    private func decode(_ text: String) throws -> [ContainerInspection] {
        try JSONDecoder().decode([ContainerInspection].self, from: Data(text.utf8))
    }

    @Test(arguments: cases)
    func recorded(_ test: Case) throws {
        let container = try #require(decode(test.answer).first)
        #expect(container.id.utf8.count == 64)
        #expect(container.name == "phjob-job-202611210800-aaaaaa")
        #expect(container.labels["phjob.job"] == "job-202611210800-aaaaaa" && container.labels["phjob.state"] == "s1")
        #expect(container.labels["phjob.inputs"] == "5c7d15")
        #expect(container.status == test.status)
        #expect(container.exitCode == test.exitCode)
        #expect((container.startTime != nil) == test.ran)
        #expect((container.finishTime != nil) == test.ended)
        #expect(container.isEnded == test.ended)
        #expect(container.isRunning == (test.ran && !test.ended))
        #expect((container.pid > 0) == container.isRunning)
        #expect(container.outOfMemory == test.outOfMemory)
        #expect(container.error.contains(test.error) && container.error.isEmpty == test.error.isEmpty)
    }

    /// What both say of an end is believed of those that ran to an end, and of no others.
    @Test(arguments: cases)
    func belief(_ test: Case) throws {
        let container = try #require(decode(test.answer).first)
        let exit = ContainerExit(
            exitCode: container.exitCode, isEnded: container.isEnded, startTime: container.startTime,
            finishTime: container.finishTime, outOfMemory: container.outOfMemory)
        #expect(exit.isBelievable == (test.ended && test.exitCode >= 0))
    }

    @Test func timesOfOtherZones() throws {
        let text = #"""
            [{"Id":"a","Name":"b","State":{"Status":"exited","StartedAt":"2026-11-21T10:00:00.123456789+01:00",
              "FinishedAt":"2026-11-21T09:00:01Z"}}]
            """#
        let container = try #require(decode(text).first)
        #expect(container.startTime == Timestamp(milliseconds: 1_795_251_600_123))
        #expect(container.finishTime == Timestamp(milliseconds: 1_795_251_601_000))
    }

    @Test(arguments: ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00", "", "never", "1970-01-01T00:00:00Z"])
    func timesThatAreNone(_ time: String) throws {
        let text = #"[{"Id":"a","Name":"b","State":{"Status":"exited","StartedAt":"\#(time)"}}]"#
        #expect(try #require(decode(text).first).startTime == nil)
    }

    @Test(arguments: [
        ("exited", true, false), ("stopped", true, false), ("dead", true, false), ("running", false, true),
        ("paused", false, true), ("stopping", false, true), ("removing", false, true), ("restarting", false, true),
        ("created", false, false), ("initialized", false, false), ("configured", false, false),
        ("new thing", false, false),
    ])
    func statuses(_ status: String, ended: Bool, running: Bool) throws {
        let container = try #require(decode(#"[{"Id":"a","Name":"/b","State":{"Status":"\#(status)"}}]"#).first)
        #expect(container.isEnded == ended && container.isRunning == running)
        #expect(container.name == "b" && container.labels.isEmpty && container.error.isEmpty && container.pid == 0)
    }

    @Test(arguments: [#""Config":null"#, #""Config":{}"#, #""Config":{"Labels":null}"#, #""Config":[]"#])
    func withoutLabels(_ config: String) throws {
        #expect(try decode(#"[{"Id":"a","Name":"b","State":{"Status":"x"},\#(config)}]"#).first?.labels == [:])
    }

    @Test(arguments: [
        "", "{}", "[{}]", "null", "[null]", #"[{"Id":"a","Name":"b"}]"#, #"[{"Id":"a","Name":"b","State":{}}]"#,
        #"[{"Id":"a","Name":"b","State":{"Status":"exited","ExitCode":"7"}}]"#,
        #"[{"Id":"a","Name":"b","State":{"Status":"exited","ExitCode":99999999999}}]"#,
        #"[{"Id":7,"Name":"b","State":{"Status":"exited"}}]"#,
    ])
    func garbled(_ text: String) {
        #expect(throws: DecodingError.self) { try decode(text) }
    }
}
