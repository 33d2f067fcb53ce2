import PhjobCore
import PhjobRunner
import PhjobTestSupport
import Testing

@testable import phjob

@Suite struct DoctorTests {
    @Test(arguments: [
        ("268435456\n", Finding.State.ok), ("268431360", .ok), ("max\n", .warning), ("9223372036854771712\n", .warning),
        ("unknown", .warning), ("", .warning),
    ])
    func aLimitThatIsNotInForceIsSeen(text: String, state: Finding.State) {
        #expect(EngineChecks.judge(limit: text, wanted: MemorySize(bytes: 256 << 20)).state == state)
    }

    @Test func directoriesAreLookedAt() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "file")
        let text = """
            {"groups": [{"name": "a", "users": ["me"], "volume": "\(directory.path)"},
                        {"name": "b", "users": ["me"], "volume": "\(directory("none"))"},
                        {"name": "c", "users": ["you"], "volume": "/nowhere"}],
             "datasets": [{"name": "d", "path": "\(directory("file"))"}]}
            """
        let path = try directory.write(text, to: "config.json")
        let catalogue = try CatalogueFile.load(path)
        #expect(
            StorageChecks.volumes(catalogue, Caller(user: JobSpec.User(name: "me", uid: 1000, gid: 100))).map(\.state)
                == [.ok, .failed])
        #expect(
            StorageChecks.datasets(catalogue).map(\.message) == [
                "the dataset 'd' cannot be used: \(directory("file")) is not a directory"
            ])
        #expect(StorageChecks.space("jobs", at: directory("not/there/yet")).message.contains("free for jobs"))
    }

    @Test func aFailureSaysWhatToDo() {
        let finding = Finding.failed("engine", "a\nb\u{1B}", advice: "do this")
        #expect(
            finding.text(Palette(isOn: false)) == """
                failed   engine      a
                                     b\\x1b
                                     → do this

                """)
    }

    @Test func aMissingCatalogueIsReportedAndEndsWithOne() throws {
        let world = try TestWorld()
        #expect(try world.run("doctor --json") == 1)
        #expect(world.output.text.contains("\"state\" : \"failed\""))
        #expect(world.output.text.contains("phjob init"))
    }

    @Test func whoIsInDockersGroupIsCalledRoot() {
        #expect(SystemChecks.privileges(dockerMembers: []).state == .ok)
        let finding = SystemChecks.privileges(dockerMembers: ["ana", "ben"])
        #expect(finding.state == .warning)
        #expect(finding.message.contains("root by another name"))
        #expect(finding.message.hasSuffix(": ana, ben"))
        #expect(finding.advice?.contains("'gpasswd --delete ana docker'") == true)
    }

    @Test func whatOthersCouldReplaceIsNotSafeToMount() throws {
        let directory = try TemporaryDirectory()
        let text = """
            {"groups": [{"name": "a", "users": ["me"], "volume": "\(directory.path)"},
                        {"name": "b", "users": ["me"], "volume": "/usr"}],
             "datasets": [{"name": "d", "path": "\(directory("none"))"}]}
            """
        let catalogue = try CatalogueFile.load(try directory.write(text, to: "config.json"))
        let findings = SystemChecks.mounts(catalogue).filter { $0.state == .failed }
        #expect(findings.map(\.check) == ["mounts", "mounts"])
        #expect(findings.first?.message.hasPrefix("the volume of group 'a' is not safe to mount: /tmp ") == true)
        #expect(findings.last?.message.hasPrefix("the dataset 'd' is not safe to mount: /tmp ") == true)
    }

    @Test func theVersionsOfProgramsAreTold() throws {
        let directory = try TemporaryDirectory()
        try directory.write("#!/bin/sh\necho podman version 9.9; echo more\n", to: "podman", mode: 0o755)
        try directory.write("#!/bin/sh\nexit 1\n", to: "runc", mode: 0o755)
        #expect(
            SystemChecks.versions(path: directory.path)
                == .ok("versions", "podman version 9.9\nrunc: its version cannot be told"))
        #expect(
            SystemChecks.versions(path: "/nonexistent").message == "none of the engines' programs is in /nonexistent")
    }

    @Test func whichRunnerIsUsedIsTheFirstThingThatIsTold() throws {
        let world = try TestWorld()
        try world.run("doctor")
        #expect(
            world.output.text.hasPrefix("ok       mode        personal: a runner of your own, because the test says so")
        )
        let other = try TestWorld()
        try other.run("doctor --system")
        #expect(other.output.text.hasPrefix("ok       mode        system: one runner for everybody, because"))
    }

    /// S9: a socket that was chosen by hand can be that of the runner for everybody, which says so itself.
    @Test func aSystemRunnerIsNotCalledPersonal() throws {
        #expect(
            DoctorCommand.mode(isForEverybody: true, because: "PHJOB_SOCKET is set").message
                == "system: one runner for everybody, because PHJOB_SOCKET is set")
    }

    @Test func containersThatNoJobNeedsAreListed() throws {
        let jobs = try SampleJob.inEveryState()
        let running = try #require(jobs.first { $0.phase == .running })
        let ended = try #require(jobs.last)
        let end = try #require(ended.finishTime)
        let name = "phjob-\(ended.id)"
        let names: Set = [name, "phjob-job-202611210809-aaaaaa", "phjob-image-cafe-1", "web", "phjob-x"]
        let lines = { (now: Timestamp, job: Job) in
            LeftoverContainers.lines(names, now: now) { $0 == job.id ? job : nil }
        }
        let unknown = "phjob-job-202611210809-aaaaaa: there is no record of its job"
        #expect(lines(end.adding(seconds: 3600), ended) == ["\(name): its job has ended (Cancelled)", unknown])
        // One that has just ended is still being cleaned up, and one that runs is needed.
        #expect(lines(end.adding(seconds: 5), ended) == [unknown])
        #expect(lines(end.adding(seconds: 3600), running) == [unknown])
    }
}
