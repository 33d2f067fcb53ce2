import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobRunner

/// A directory service that is down says nothing about anybody, so nobody loses anything by it.
@Suite("A user database that does not answer")
struct UserDatabaseOutageTests {
    /// A machine with one person, of whom it can tell only so often, and of their Unix group not at all.
    private final class People: UserDirectory {
        static let dora = JobSpec.User(name: "dora", uid: 4242, gid: 4242)
        private let answers: Mutex<Int>
        private let isDown = Mutex(true)

        init(answers: Int = .max) { self.answers = Mutex(answers) }

        func recover() {
            answers.withLock { $0 = .max }
            isDown.withLock { $0 = false }
        }

        func account(uid: UInt32) throws(AccountLookupError) -> UserAccount? {
            let isAnswered = answers.withLock { answers in
                guard answers > 0 else { return false }
                if answers < .max { answers -= 1 }
                return true
            }
            if !isAnswered { throw AccountLookupError("uid \(uid)", number: 2) }
            return UserAccount(name: "dora", uid: Self.dora.uid, gid: Self.dora.gid, home: "/")
        }

        func groupIDs(of account: UserAccount) -> Set<UInt32> { isDown.withLock { $0 ? [] : [2000] } }

        func groupID(named name: String) throws(AccountLookupError) -> UInt32? {
            if isDown.withLock(\.self) { throw AccountLookupError("the Unix group '\(name)'", number: 2) }
            return name == "lab" ? 2000 : nil
        }
    }

    private static func withSystemRunner(
        _ people: People, _ body: @escaping @Sendable (LiveRunner) throws -> Void
    ) async throws {
        var options = WorldOptions()
        options.parent = "/var/lib"
        try await withWorld(options) { world in
            let catalogue = try world.directory.text("catalogue.json").replacing("\"alice\"", with: "\"dora\"")
            try world.directory.write(catalogue, to: "catalogue.json")
            let runner = try world.start(mode: .system, users: people)
            defer { runner.kill() }
            try body(runner)
        }
    }

    /// It is asked before a job is prepared, after that, and before the launch.
    @Test(
        "A job that is due waits for it, and runs once",
        .enabled(if: HostProcess.isRoot, "only root can serve everybody"),
        arguments: 0...2)
    func jobWaits(answers: Int) async throws {
        let people = People(answers: answers)
        try await Self.withSystemRunner(people) { runner in
            let id = try runner.submit("echo ran >>$T/ran", caller: Caller(user: People.dora))
            let waiting = try runner.wait(id, "it waits") { $0.message.contains("does not answer") }
            #expect(waiting.phase == .preparing && waiting.message.contains("uid 4242"), "\(waiting.message)")
            #expect(runner.world.engine.calls(of: "run") == 0)
            people.recover()
            #expect(try runner.waitForEnd(id).phase == .succeeded)
            #expect(runner.world.text("ran") == "ran\n")
        }
    }

    @Test(
        "A job that waits for it can be cancelled", .enabled(if: HostProcess.isRoot, "only root can serve everybody"),
        arguments: 0...2)
    func cancel(answers: Int) async throws {
        try await Self.withSystemRunner(People(answers: answers)) { runner in
            let id = try runner.submit("echo ran >>$T/ran", caller: Caller(user: People.dora))
            try runner.wait(id, "it waits") { $0.message.contains("does not answer") }
            _ = try runner.supervisor.cancel(id.text, caller: World.caller("root2", isAdministrator: true))
            #expect(try runner.waitForEnd(id).phase == .cancelled)
            #expect(runner.world.engine.calls(of: "run") == 0)
        }
    }

    /// Whether there is such a job is kept from whoever is not known to be a member: both get the same answer.
    @Test("Members are not told that their group's jobs do not exist") func members() async throws {
        var options = WorldOptions()
        options.lab = #", "unixGroup": "lab""#
        try await withWorld(options) { world in
            let people = People()
            let runner = try world.start(users: people)
            defer { runner.kill() }
            let id = try runner.submit("true").text
            let api = try LiveAPI(runner, owner: nil)
            let result = Result { try Self.checkAnswers(api, id, people) }
            try api.end()
            try result.get()
        }
    }

    private static func checkAnswers(_ api: LiveAPI, _ id: String, _ people: People) throws {
        let never = SampleJob.id(1).text
        for name in [id, never] {
            let refusal = #expect(throws: PhjobError.self) { try api.client.job(name) }
            #expect(refusal?.code == .unavailable)
            #expect(refusal?.message == "the user database does not answer about the Unix group 'lab'")
        }
        people.recover()
        #expect(try api.client.job(id).id.text == id)
        let refusal = #expect(throws: PhjobError.self) { try api.client.job(never) }
        #expect(refusal?.code == .notFound)
    }
}
