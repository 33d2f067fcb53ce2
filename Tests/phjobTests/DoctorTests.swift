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
}
