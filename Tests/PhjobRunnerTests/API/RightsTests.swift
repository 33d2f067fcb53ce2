import Glibc
import PhjobAPI
import PhjobCore
import PhjobRunnerTestSupport
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobRunner

/// What each kind of caller is answered at the runner's door, for every operation that there is.
@Suite("Rights at the door")
struct RightsTests {
    enum Person: String, CaseIterable {
        /// With an account, and in no group.
        case outsider
        /// In the job's group.
        case member
        /// Whose job it is.
        case owner
        /// In `phjob-admin`, and in no group.
        case administrator
    }

    /// The machine's users. Whoever calls is the one that the test has chosen, whatever uid it runs as.
    final class Users: UserDirectory {
        private static let accounts: [Person: UserAccount] = [
            .outsider: UserAccount(name: "eve", uid: 2001, gid: 100, home: "/"),
            .member: UserAccount(name: "bob", uid: 2002, gid: 100, home: "/"),
            .owner: UserAccount(name: "alice", uid: 2003, gid: 100, home: "/"),
            .administrator: UserAccount(name: "adam", uid: 2004, gid: 3000, home: "/"),
        ]
        private let calling = Mutex(Person.outsider)

        func account(uid: UInt32) -> UserAccount? {
            Self.accounts.values.first { $0.uid == uid } ?? Self.accounts[calling.withLock(\.self)]
        }
        func groupIDs(of account: UserAccount) -> Set<UInt32> { [account.gid] }
        func groupID(named name: String) -> UInt32? { name == Access.administrators ? 3000 : nil }
        func call(as person: Person) { calling.withLock { $0 = person } }
        static func caller(_ person: Person) -> Caller? {
            accounts[person].map {
                Caller(
                    user: JobSpec.User(name: $0.name, uid: $0.uid, gid: $0.gid),
                    isAdministrator: person == .administrator)
            }
        }
    }

    struct Row {
        let method: String
        /// `<id>` is a job of the owner's that waits.
        let target: String
        var body = ""
        /// In the order of ``Person``.
        let statuses: [Int]
    }

    /// - Parameter ownerOnly: whether the group keeps cancels and logs to a job's owner.
    static func rows(ownerOnly: Bool) -> [Row] {
        let member = ownerOnly ? 403 : 200
        return [
            Row(method: "GET", target: "/v1/runner", statuses: [200, 200, 200, 200]),
            Row(method: "GET", target: "/v1/catalogue", statuses: [200, 200, 200, 200]),
            Row(method: "GET", target: "/v1/gpus", statuses: [200, 200, 200, 200]),
            Row(method: "GET", target: "/v1/quota", statuses: [200, 200, 200, 200]),
            Row(method: "GET", target: "/v1/jobs", statuses: [200, 200, 200, 200]),
            Row(method: "GET", target: "/v1/jobs?group=lab", statuses: [404, 200, 200, 200]),
            Row(method: "GET", target: "/v1/jobs/<id>", statuses: [404, 200, 200, 200]),
            Row(method: "GET", target: "/v1/wait?job=<id>&timeout=0", statuses: [404, 200, 200, 200]),
            Row(method: "GET", target: "/v1/changes?since=1", statuses: [200, 200, 200, 200]),
            // An administrator submits nothing by that.
            Row(
                method: "POST", target: "/v1/jobs", body: #"{"command": "true", "groupName": "lab"}"#,
                statuses: [404, 201, 201, 404]),
            Row(
                method: "POST", target: "/v1/jobs?dryRun=1", body: #"{"command": "true", "groupName": "lab"}"#,
                statuses: [404, 200, 200, 404]),
            Row(method: "POST", target: "/v1/jobs/<id>/rerun", statuses: [404, 201, 201, 404]),
            Row(method: "GET", target: "/v1/jobs/<id>/logs", statuses: [404, member, 200, 200]),
            Row(method: "POST", target: "/v1/jobs/<id>/cancel", statuses: [404, member, 200, 200]),
            Row(
                method: "POST", target: "/v1/jobs/<id>/set", body: #"{"hold": true}"#, statuses: [404, 403, 200, 200]),
            Row(
                method: "POST", target: "/v1/jobs/<id>/set", body: #"{"priority": 5}"#,
                statuses: [404, 403, 403, 200]),
            Row(method: "POST", target: "/v1/drain", body: #"{"reason": "x"}"#, statuses: [403, 403, 403, 200]),
            Row(
                method: "POST", target: "/v1/prune", body: #"{"olderThanSeconds": 0}"#, statuses: [403, 403, 403, 200]),
            Row(method: "POST", target: "/v1/resume", statuses: [403, 403, 403, 200]),
            Row(method: "POST", target: "/v1/runner/stop", statuses: [403, 403, 403, 200]),
        ]
    }

    @Test("Every operation, for everybody", arguments: [false, true])
    func table(ownerOnly: Bool) async throws {
        var options = WorldOptions()
        options.lab = #", "ownerOnly": \#(ownerOnly)"#
        try await withWorld(options) { world in
            let users = Users()
            let runner = try world.start(users: users)
            defer { runner.kill() }
            let administrator = try #require(Users.caller(.administrator))
            let owner = try #require(Users.caller(.owner))
            let api = try LiveAPI(runner, owner: nil)
            let result = Result {
                for row in Self.rows(ownerOnly: ownerOnly) {
                    for (person, status) in zip(Person.allCases, row.statuses) {
                        // Nothing starts, so that every job waits.
                        try runner.supervisor.drain(reason: "test", caller: administrator)
                        let id = try runner.submit("true", caller: owner)
                        users.call(as: person)
                        let target = row.target.replacing("<id>", with: id.text)
                        let answer = try api.request(row.method, target, body: row.body)
                        #expect(
                            answer.status == status, "\(row.method) \(row.target) by the \(person): \(answer.body)")
                        if answer.status == 404 { #expect(!answer.body.contains("alice") || person != .outsider) }
                        if row.target == "/v1/jobs", row.method == "GET" {
                            #expect(answer.body.contains(id.text) == (person != .outsider))
                        }
                    }
                }
                #expect(api.stopCount == 1)
            }
            try api.end()
            try result.get()
        }
    }

    @Test("The audit says what was changed, repeated and removed")
    func auditDetails() async throws {
        try await withWorld { world in
            let users = Users()
            let runner = try world.start(users: users)
            defer { runner.kill() }
            let api = try LiveAPI(runner, owner: nil)
            let result = Result {
                let administrator = try #require(Users.caller(.administrator))
                try runner.supervisor.drain(reason: "test", caller: administrator)
                let id = try runner.submit("true", caller: try #require(Users.caller(.owner)))
                users.call(as: .administrator)
                for body in [#"{"hold":true}"#, #"{"hold":false,"priority":-7}"#, #"{"priority":9}"#] {
                    #expect(try api.request("POST", "/v1/jobs/\(id)/set", body: body).status == 200)
                }
                users.call(as: .owner)
                let rerun = try api.request("POST", "/v1/jobs/\(id.suffix)/rerun")
                let second = try JSONBody.decode(JobView.self, from: Array(rerun.body.utf8)).id
                #expect(try api.request("POST", "/v1/jobs/\(id)/cancel").status == 200)
                try runner.waitForEnd(id)
                users.call(as: .administrator)
                for body in [
                    #"{"olderThanSeconds":0}"#, #"{"olderThanSeconds":0,"dryRun":false}"#, #"{"olderThanSeconds":90}"#,
                    #"{"dryRun":false}"#,
                ] {
                    _ = try api.request("POST", "/v1/prune", body: body)
                }
                let lines = try Self.lines(runner.store.layout.audit)
                let set = lines.filter { $0.action == "set" }
                #expect(set.map(\.detail) == ["hold", "release, priority -7", "priority 9"])
                #expect(set.allSatisfy { $0.job == id.text && $0.user == "adam" && $0.answer == "ok" })
                let again = try #require(lines.first { $0.action == "rerun" })
                #expect(again.detail == "rerun of \(id.suffix)" && again.job == second.text && again.user == "alice")
                let prunes = lines.filter { $0.action == "prune" }
                #expect(
                    prunes.map(\.detail) == [
                        "1 jobs older than 0 s, done: false", "1 jobs older than 0 s, done: true",
                        "0 jobs older than 90 s, done: false",
                        "jobs older than -1 s: olderThanSeconds is missing; say how long ago the jobs must have ended",
                    ])
                #expect(prunes.map(\.answer) == ["ok", "ok", "ok", "InvalidRequest"])
                #expect(prunes.allSatisfy { $0.job == nil && $0.uid == 2004 })
            }
            try api.end()
            try result.get()
        }
    }

    private struct Line: Decodable {
        let uid: UInt32
        let user: String
        let action: String
        let job: String?
        let detail: String?
        let answer: String
    }

    private static func lines(_ path: String) throws -> [Line] {
        let bytes = try Descriptor(opening: path, flags: O_RDONLY).readAll(limit: 1 << 20)
        return try bytes.split(separator: UInt8(ascii: "\n")).map { try JSONBody.decode(Line.self, from: Array($0)) }
    }
}
