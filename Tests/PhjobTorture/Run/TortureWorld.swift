import Foundation
import Glibc
import PhjobAPI
import PhjobCore
import PhjobStore
import PhjobSystem
import PhjobTestSupport

/// All that the torture has of its own: a state directory, a catalogue, a volume, and what is in them.
struct TortureWorld: Sendable {
    let engine: LiveEngine
    let directory: TemporaryDirectory
    /// The `phjob` that is tortured.
    let binary: String
    let environment: [String: String]

    private static let group = "torture"
    static let volumeInContainer = "/project/\(group)"

    init(_ engine: LiveEngine) throws {
        self.engine = engine
        directory = try TemporaryDirectory()
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let besides = own.split(separator: "/").dropLast().joined(separator: "/")
        binary = LiveEngine.environment["PHJOB_TEST_BINARY"] ?? "/\(besides)/phjob"
        var environment = LiveEngine.clientEnvironment
        environment["PHJOB_STATE"] = directory("state")
        environment["PHJOB_CONFIG"] = directory("config.json")
        self.environment = environment
        try Directory.create(directory("volume"))
        guard let user = UserAccount.current else { throw SystemError("cannot find out who runs this") }
        var catalogue = LiveCatalogue(engine: engine.rawValue, users: [user.name], volume: directory("volume"))
        catalogue.group = Self.group
        // Six jobs run at once; the others wait.
        catalogue.node["cpus"] = .integer(3)
        catalogue.limits["stopGraceSeconds"] = .integer(1)
        try directory.write(JSONBody.encode(catalogue.json), to: "config.json")
    }

    var layout: StateLayout { StateLayout(root: directory("state")) }
    /// What the runners print.
    var runnerLog: String { directory("runner.log") }
    var api: APIClient { APIClient(socketPath: directory("state/phjob.sock")) }

    // MARK: - The engine

    /// The label of our containers; nil before the first runner.
    private var stateID: String? {
        (try? directory.text("state/id"))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The names of all containers of the state directory.
    func containers() throws -> [String] {
        guard let stateID else { return [] }
        let output = try engine.call("ps", "--all", "--filter=label=phjob.state=\(stateID)", "--format={{.Names}}")
        guard output.status == 0 else { throw EngineFailure(description: output.errors) }
        return output.lines
    }

    /// Takes away what a torture that did not come to its end left in the engine.
    func clear() {
        // A client that a runner has started may be about to make a container.
        try? blockUntil(within: 30, "nothing is left") {
            let left = try containers()
            if !left.isEmpty { try engine.call(["rm", "--force", "--volumes"] + left) }
            return left.isEmpty && HostProcess.mentioning(directory.path).isEmpty
        }
    }

    // MARK: - The disk

    /// The record of a job, read without a runner's help.
    func record(of id: JobID) throws -> Job {
        try JobRecordCoding.decode(directory.read("state/jobs/\(id)/\(JobLayout.recordName)"), id: id).job
    }

    func jobNames() throws -> [String] {
        directory.status("state/jobs") == nil ? [] : try directory.names("state/jobs")
    }

    /// A job's own marks, and the size of their file.
    func marks(of id: JobID) -> (RunMarks, size: Int) {
        let text = (try? directory.text("volume/\(id)")) ?? ""
        return (RunMarks(reading: text), text.utf8.count)
    }

    /// The size of the marks of each job that has any.
    func marksSizes() throws -> [String: Int] {
        let names = try directory.names("volume")
        return Dictionary(
            uniqueKeysWithValues: names.map { ($0, directory.status("volume/\($0)").map { Int($0.st_size) } ?? 0) })
    }
}
