import Glibc
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobEngine

@Suite("docker's own record of a container")
struct DaemonRecordTests {
    private static let id = String(repeating: "c0de", count: 16)
    private let directory: TemporaryDirectory
    private let record: DaemonRecord

    init() throws {
        directory = try TemporaryDirectory()
        try #require(mkdir(directory(Self.id), 0o700) == 0)
        record = DaemonRecord(containers: directory.path, containerID: Self.id)
    }

    /// As docker 20.10 writes it, shortened.
    private static func content(
        _ state: String = #""Running":false,"Pid":0"#, end: String = "2026-11-21T15:05:58.058673175Z"
    ) -> String {
        let flags = ["Running", "Paused", "Restarting", "OOMKilled", "RemovalInProgress", "Dead"]
        let others = flags.filter { !state.contains("\"\($0)\"") }.map { #""\#($0)":false,"# }.joined()
        return """
            {"StreamConfig":{},"State":{\(others)\(state),"ExitCode":3,"Error":"",
            "StartedAt":"2026-11-21T15:05:58.056353898Z","FinishedAt":"\(end)","Health":null},
            "ID":"\(id)","Created":"2026-11-21T15:05:57.816327698Z","Managed":false,"Path":"sh","Args":[],
            "Config":{"Hostname":"61f22a02205f","Labels":{"phjob.job":"job-202611211505-aaaaaa"}},"Name":"/phjob-x"}
            """
    }

    private func write(_ text: String) throws { try directory.write(text, to: "\(Self.id)/config.v2.json") }

    private var soon: Monotonic { .now.adding(seconds: 0.05) }

    @Test("An end: what inspect would say")
    func ended() throws {
        try write(Self.content(#""OOMKilled":true,"Running":false,"Pid":0"#))
        let found = try #require(record.read())
        #expect(
            found
                == ContainerInspection(
                    id: Self.id, name: "phjob-x", labels: ["phjob.job": "job-202611211505-aaaaaa"], status: "exited",
                    pid: 0, exitCode: 3, outOfMemory: true, startTime: Timestamp("2026-11-21T15:05:58.056Z"),
                    finishTime: Timestamp("2026-11-21T15:05:58.058Z"), error: ""))
        #expect(record.wait(until: soon) == found.exit)
    }

    @Test(
        "The states' words, and that only an end is one",
        arguments: [
            (#""Running":true,"Pid":7"#, "running"), (#""Running":true,"Paused":true,"Pid":7"#, "paused"),
            (#""Running":true,"Restarting":true,"Pid":7"#, "restarting"),
            (#""RemovalInProgress":true,"Pid":0"#, "removing"),
        ])
    func otherStates(_ state: String, _ word: String) throws {
        try write(Self.content(state))
        #expect(record.read()?.status == word)
        #expect(record.wait(until: soon) == nil)
    }

    @Test("One that was never started has not ended")
    func created() throws {
        try write(
            Self.content().replacing("2026-11-21T15:05:58.056353898Z", with: "0001-01-01T00:00:00Z"))
        #expect(record.read()?.status == "created" && record.read()?.startTime == nil)
        #expect(record.wait(until: soon) == nil)
    }

    @Test(
        "What is not as expected is no answer",
        arguments: [
            "", "{}", "[]", String(content().dropLast(20)), content().replacing("\"ID\":\"c0de", with: "\"ID\":\"beef"),
            content().replacing("\"ExitCode\":3,", with: ""),
            content().replacing("\"ExitCode\":3", with: "\"ExitCode\":\"3\""),
        ])
    func garbage(_ text: String) throws {
        try write(text)
        #expect(record.read() == nil && record.wait(until: soon) == nil)
    }

    @Test("Nor is what is not there")
    func missing() {
        #expect(record.read() == nil && record.log == nil)
        #expect(DaemonRecord(containers: directory("none"), containerID: Self.id).wait(until: soon) == nil)
    }

    @Test("The end is waited for")
    func comesLater() async throws {
        try write(Self.content(#""Running":true,"Pid":7"#))
        try await onThread {
            let (directory, record) = (directory, record)
            WorkerThread.start("daemon") {
                usleep(50_000)
                let file = try? Directory.open(directory(Self.id))
                if let file { try? AtomicFile.write(Array(Self.content().utf8), to: "config.v2.json", in: file) }
            }
            #expect(record.wait(until: .now.adding(seconds: patience))?.exitCode == 3)
        }
    }

    @Test(
        "What others could have written is no record, and no log",
        .enabled(if: HostProcess.isRoot, "giving a file away needs root"),
        arguments: ["chown 12345", "chmod 666"])
    func writableByOthers(_ change: String) throws {
        try write(Self.content())
        try directory.write("{}\n", to: "\(Self.id)/\(Self.id)-json.log")
        #expect(record.read() != nil)
        try #require(try HostProcess.shell("\(change) '\(directory.path)/\(Self.id)'/*").isSuccess)
        #expect(record.read() == nil)
        #expect(throws: EngineError.self) { try record.log?.read { _ in } }
    }
}
