import Glibc
import PhjobCore
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

/// What a runner starts with when its catalogue is broken.
@Suite(.enabled(if: HostProcess.isRoot, "only root can be the runner for everybody"))
struct CatalogueSourceTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory(in: "/var/lib")
        mkdir(directory("etc"), 0o755)
        mkdir(directory("state"), 0o700)
    }

    private func source(_ mode: RunnerMode = .system) -> CatalogueSource {
        let configuration = RunnerConfiguration(
            mode: mode, stateDirectory: directory("state"), cataloguePath: directory("etc/config.json"), socketPath: "",
            environment: [:], version: "test")
        return CatalogueSource(configuration, StateLayout(root: directory("state")), log: EventLog(descriptor: -1))
    }

    private func write(_ groups: String...) throws {
        let text = groups.map { #"{"name": "\#($0)"}"# }.joined(separator: ", ")
        try directory.write(#"{"groups": [\#(text)]} // ours"#, to: "etc/config.json")
    }

    private func groups() throws -> [String] { try source().loadAtStart().catalogue.groups.map(\.name) }

    @Test(arguments: ["{", #"{"groups": [{"name": "lab"}, {"name": "lab"}]}"#])
    func whatWasInForceStays(_ broken: String) throws {
        try write("a")
        #expect(try groups() == ["a"])
        try write("a", "b")
        #expect(try source().load().groups.count == 2)
        try directory.write(broken, to: "etc/config.json")
        #expect(throws: PhjobError.self) { try source().load() }
        let (catalogue, problem) = try source().loadAtStart()
        #expect(catalogue.groups.map(\.name) == ["a", "b"])
        #expect(problem?.message.contains(directory("etc/config.json")) == true)
        // The copy is what was in force, not what is broken.
        #expect(try groups() == ["a", "b"])
        try write("c")
        #expect(try source().loadAtStart().problem == nil)
        #expect(try groups() == ["c"])
        #expect(directory.mode("state/catalogue.json") == 0o600)
    }

    @Test func withoutAnOlderOneThereIsNone() throws {
        try directory.write("{", to: "etc/config.json")
        #expect { try source().loadAtStart() } throws: { ($0 as? PhjobError)?.code == .invalidRequest }
        try directory.write("{", to: "state/catalogue.json")
        #expect { try source().loadAtStart() } throws: { ($0 as? PhjobError)?.code == .invalidRequest }
    }

    /// Nor does it help where the file is missing, or where others could have written it.
    @Test func onlyForMistakesInIt() throws {
        try write("a")
        _ = try source().loadAtStart()
        chmod(directory("etc/config.json"), 0o666)
        #expect { try source().loadAtStart() } throws: { ($0 as? PhjobError)?.code == .unavailable }
        unlink(directory("etc/config.json"))
        #expect { try source().loadAtStart() } throws: { ($0 as? PhjobError)?.code == .unavailable }
    }

    @Test func onesOwnIsMendedAtOnce() throws {
        try write("a")
        _ = try source(.personal).loadAtStart()
        #expect(access(directory("state/catalogue.json"), F_OK) != 0)
        _ = try source().loadAtStart()
        try directory.write("{", to: "etc/config.json")
        #expect { try source(.personal).loadAtStart() } throws: { ($0 as? PhjobError)?.code == .invalidRequest }
    }
}
