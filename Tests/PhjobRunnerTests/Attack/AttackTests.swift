import Foundation
import Glibc
import PhjobAPI
import PhjobAttacker
import PhjobCore
import PhjobRunnerTestSupport
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Testing

/// One user does their worst to a runner that serves everybody, while another goes on working.
@Suite(
    "A user who means harm slows nobody else down, and leaves nothing behind", .serialized,
    .enabled(if: HostProcess.isRoot, "acting as another user needs root"))
struct AttackTests {
    struct Assault: CustomTestStringConvertible {
        let attack: String
        let width: Int
        /// What is asked for; `<job>` is a job that runs, `<log>` one with a log of 100 MB.
        var path = "/v1/jobs"
        var testDescription: String { "\(attack), \(width) wide" }
    }

    static let assaults = [
        Assault(attack: "drip", width: 300), Assault(attack: "hoard", width: 2000), Assault(attack: "vanish", width: 4),
        Assault(attack: "half-open", width: 300, path: "/v1/wait?job=<job>"),
        Assault(attack: "bombs", width: 12), Assault(attack: "bodies", width: 8),
        Assault(attack: "mute", width: 100, path: "/v1/jobs/<log>/logs"), Assault(attack: "searches", width: 8),
    ]

    /// Accounts that every Debian has: `daemon` and `games` (base-passwd).
    private static let (attacker, victim): (uid_t, uid_t) = (1, 5)

    /// Seconds that half of the others' requests take at most, and any of them, on a machine that does nothing else. What the
    /// machine takes besides is seen at a runner that nobody attacks, which is asked in turns with the other.
    private static let (usual, worst) = (0.1, 2.0)

    @Test(arguments: assaults)
    func withstands(_ assault: Assault) async throws {
        try await withWorld(Self.options) { world in
            chmod(world.directory.path, 0o755)
            try Self.letIn(world)
            let runner = try RunnerProcess.start(world, servesEverybody: true)
            defer { _ = try? runner.end(SIGKILL) }
            let path = try Self.prepare(world, runner, assault)
            let control = try RunnerProcess.start(
                world, state: world.directory("control-state"), socket: "control", servesEverybody: true)
            defer { _ = try? control.end(SIGKILL) }
            let before = try Footprint(of: runner.pid)
            let command = ProcessCommand(
                "\(RunnerProcess.programs)/PhjobAttacker",
                ["\(Self.attacker)", runner.socketPath, assault.attack, "\(assault.width)", path], environment: [:])
            let attacker = try ReapedProcess(command, log: world.directory("attacker.log"))
            defer { attacker.signal(SIGKILL) }
            try blockUntil("the attack is in full swing") {
                try #require(attacker.isRunning, "it has ended: \(world.text("attacker.log"))")
                return world.text("attacker.log").contains("attacking")
            }
            let (attacked, spared) = try Self.latencies(runner, control)
            let during = try Footprint(of: runner.pid)
            let words = [attacked, spared].map { "\($0.map { Int($0 * 1000) })" }
            let summary = Comment(
                rawValue: "before \(before), during \(during); attacked \(words[0]) ms, spared \(words[1]) ms")
            #expect(attacked[attacked.count / 2] <= Self.usual + 10 * spared[spared.count / 2], summary)
            #expect(attacked[attacked.count - 1] <= Self.worst + 10 * spared[spared.count - 1], summary)
            // What matters is done meanwhile too.
            let job = try Self.submit("exit 3", runner)
            #expect(try runner.client.wait([job.text], timeout: Int64(patience)).items.map(\.exitCode) == [3])
            attacker.signal(SIGKILL)
            try attacker.waitForEnd()
            try blockUntil("all is given back: \(summary)") {
                try Footprint(of: runner.pid).isBack(to: before)
            }
            try world.directory.write("", to: "go")
            #expect(try runner.client.jobs(JobFilter()).total == 3)
        }
    }

    private static var options: WorldOptions {
        var options = WorldOptions()
        options.parent = "/var/lib"
        return options
    }

    /// Both become members of the group: one may not harm the other even so.
    private static func letIn(_ world: World) throws {
        let text = try world.directory.text("catalogue.json")
            .replacingOccurrences(of: #""users": ["alice","#, with: #""users": ["daemon", "games", "alice","#)
        try #require(text.contains("games"))
        try world.directory.write(text, to: "catalogue.json")
    }

    /// Makes a job that runs, and one with a large log, both another user's.
    ///
    /// - Returns: the path that the attack asks for.
    private static func prepare(_ world: World, _ runner: RunnerProcess, _ assault: Assault) throws -> String {
        let running = try submit("while [ ! -e \(world.directory("go")) ]; do sleep 0.1; done", runner)
        let ended = try submit("echo done", runner)
        _ = try runner.client.wait([ended.text])
        if assault.path.contains("<log>") {
            let line = LogRecord.encode(String(repeating: "x", count: 1000), time: "2026-11-21T07:27:33.125000001Z")
            let log = StateLayout(root: world.statePath).job(ended).log
            let file = try Descriptor(opening: log, flags: O_WRONLY | O_APPEND)
            let piece = Array(repeatElement(line, count: 1000).joined())
            for _ in 0..<100 { try file.write(piece) }
        }
        return assault.path.replacingOccurrences(of: "<job>", with: running.text)
            .replacingOccurrences(of: "<log>", with: ended.text)
    }

    /// Submits a job as an ordinary user.
    private static func submit(_ command: String, _ runner: RunnerProcess) throws -> JobID {
        let body = try JSONBody.encode(JobSubmission(command: command))
        let arguments = [
            "\(victim)", runner.socketPath, "ask", "POST", "/v1/jobs", String(decoding: body, as: UTF8.self),
        ]
        let asking = ProcessCommand("\(RunnerProcess.programs)/PhjobAttacker", arguments, environment: [:])
        let answer = try ChildProcess(asking, timeout: patience).run().output.text
        let head = try #require(answer.range(of: "\r\n\r\n"), "no answer: \(answer)")
        return try JSONBody.decode(JobView.self, from: Array(answer[head.upperBound...].utf8)).id
    }

    /// Seconds that requests of another user take at two runners in turns, each over a connection of its own; sorted.
    private static func latencies(_ runner: RunnerProcess, _ control: RunnerProcess) throws -> ([Double], [Double]) {
        let seconds = { (runner: RunnerProcess) in
            let begin = Monotonic.now
            _ = try runner.client.jobs(JobFilter())
            return Monotonic.now.seconds(since: begin)
        }
        let pairs = try (0..<60).map { _ in (try seconds(runner), try seconds(control)) }
        return (pairs.map(\.0).sorted(), pairs.map(\.1).sorted())
    }
}
