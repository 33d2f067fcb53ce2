import PhjobCore
import PhjobSystem
import Testing

@testable import PhjobRunner

struct CallerLookupTests {
    /// A machine with two people and some groups.
    private struct Users: UserDirectory {
        var groups: [String: (id: UInt32, members: Set<UInt32>)] = [
            "lab": (2000, [1000]), "phjob-admin": (3000, [1001]),
        ]
        var accounts = [
            UserAccount(name: "ana", uid: 1000, gid: 100, home: "/"),
            UserAccount(name: "ben", uid: 1001, gid: 2000, home: "/"),
            UserAccount(name: "root", uid: 0, gid: 0, home: "/"),
            UserAccount(name: "nobody", uid: 65534, gid: 65534, home: "/"),
        ]

        /// What a directory service knows that is down.
        var unknown: Set<String> = []

        func account(uid: UInt32) throws(AccountLookupError) -> UserAccount? {
            if unknown.contains("\(uid)") { throw AccountLookupError("uid \(uid)", number: 2) }
            return accounts.first { $0.uid == uid }
        }
        func groupIDs(of account: UserAccount) -> Set<UInt32> {
            let known = groups.filter { !unknown.contains($0.key) }
            return Set(known.values.filter { $0.members.contains(account.uid) }.map(\.id)).union([account.gid])
        }
        func groupID(named name: String) throws(AccountLookupError) -> UInt32? {
            if unknown.contains(name) { throw AccountLookupError("the Unix group '\(name)'", number: 2) }
            return groups[name]?.id
        }
    }

    private static func catalogue() throws -> Catalogue {
        try CatalogueReader.read(
            .object([
                "groups": .array([
                    .object(["name": .string("lab"), "unixGroup": .string("lab")]),
                    .object(["name": .string("gone"), "unixGroup": .string("no-such-group")]),
                    .object(["name": .string("listed"), "users": .array([.string("ana")])]),
                ]),
                "instanceTypes": .array([
                    .object(["name": .string("x"), "cpuLimit": .integer(1), "memoryLimit": .string("1G")])
                ]),
                "images": .array([.object(["name": .string("x"), "url": .string("x")])]),
            ]))
    }

    private func groups(_ uid: UInt32, _ users: Users = Users()) throws -> [String] {
        let catalogue = try Self.catalogue()
        return catalogue.groups(of: try CallerLookup(users: users).caller(uid: uid, catalogue)).map(\.name)
    }

    @Test func membershipIsThatOfTheMachine() throws {
        #expect(try groups(1000) == ["lab", "listed"])
        // By the primary group too.
        #expect(try groups(1001) == ["lab"])
        #expect(try groups(0).isEmpty)
        var users = Users()
        users.groups["lab"]?.members = []
        #expect(try groups(1000, users) == ["listed"])
    }

    @Test func administrators() throws {
        let catalogue = try Self.catalogue()
        let isAdministrator = { (uid: UInt32) in
            try CallerLookup(users: Users()).caller(uid: uid, catalogue).isAdministrator
        }
        #expect(try isAdministrator(0) && isAdministrator(1001) && !isAdministrator(1000))
    }

    @Test(arguments: [UInt32(54_321), 65534, 65535, .max]) func nobodies(_ uid: UInt32) throws {
        let catalogue = try Self.catalogue()
        let error = #expect(throws: PhjobError.self) {
            try CallerLookup(users: Users()).caller(uid: uid, catalogue)
        }
        #expect(error?.code == .forbidden)
    }

    @Test func whoMayNotBeginAnyMore() throws {
        let catalogue = try Self.catalogue()
        func why(_ user: JobSpec.User, _ group: String, _ users: Users = Users()) throws -> String? {
            var spec = CallerLookupTests.spec
            (spec.user, spec.groupName) = (user, group)
            return try CallerLookup(users: users).whyNotPermitted(spec, catalogue)
        }
        let ana = JobSpec.User(name: "ana", uid: 1000, gid: 100)
        #expect(try why(ana, "lab") == nil)
        #expect(try why(ana, "gone") == "ana is not a member of group 'gone' any more")
        #expect(try why(ana, "never") == "ana is not a member of group 'never' any more")
        var users = Users()
        users.groups["lab"]?.members = []
        #expect(try why(ana, "lab", users) == "ana is not a member of group 'lab' any more")
        #expect(try why(ana, "listed", users) == nil)
        users.accounts.removeAll { $0.name == "ana" }
        #expect(try why(ana, "listed", users) == "ana (uid 1000) is no user of this machine any more")
        // The Unix group whose gid it would have is another now.
        var shared = Self.spec
        shared.groupID = 2000
        #expect(try CallerLookup(users: Users()).whyNotPermitted(shared, catalogue) == nil)
        shared.groupID = 3000
        let words = "the Unix group with gid 3000 is not that of group 'lab' any more"
        #expect(try CallerLookup(users: Users()).whyNotPermitted(shared, catalogue) == words)
        (shared.groupID, shared.groupName) = (2000, "listed")
        #expect(try CallerLookup(users: Users()).whyNotPermitted(shared, catalogue)?.contains("gid 2000") == true)
        // What the catalogue does not grant any more.
        var withdrawn = catalogue
        withdrawn.images = []
        #expect(
            try CallerLookup(users: Users()).whyNotPermitted(Self.spec, withdrawn)
                == "the image 'x' is not for group 'lab' any more")
        // The number was given to somebody else since.
        users.accounts.append(UserAccount(name: "eve", uid: 1000, gid: 100, home: "/"))
        #expect(try why(ana, "listed", users) == "ana (uid 1000) is no user of this machine any more")
    }

    /// While a directory service is down nobody is taken for one who has lost a right, nor given one.
    @Test func whoIsNotKnownAtTheMoment() throws {
        let catalogue = try Self.catalogue()
        var users = Users()
        users.unknown = ["1000"]
        let refusal = #expect(throws: PhjobError.self) { try CallerLookup(users: users).caller(uid: 1000, catalogue) }
        #expect(refusal?.code == .unavailable)
        #expect(throws: AccountLookupError("uid 1000", number: 2)) {
            try CallerLookup(users: users).whyNotPermitted(Self.spec, catalogue)
        }
        users.unknown = ["lab"]
        let caller = try CallerLookup(users: users).caller(uid: 1000, catalogue)
        #expect(caller.unixGroups.isEmpty && caller.unknownUnixGroups == ["lab"])
        #expect(catalogue.groups(of: caller).map(\.name) == ["listed"])
        #expect(throws: AccountLookupError("the Unix group 'lab'", number: 2)) {
            try CallerLookup(users: users).whyNotPermitted(Self.spec, catalogue)
        }
        // What is known otherwise stands: the list of the catalogue, and that a group is gone.
        var spec = Self.spec
        spec.groupName = "listed"
        #expect(try CallerLookup(users: users).whyNotPermitted(spec, catalogue) == nil)
        spec.groupName = "gone"
        #expect(try CallerLookup(users: users).whyNotPermitted(spec, catalogue)?.contains("not a member") == true)
        // Nobody is an administrator by a group that is not known, and root is one without.
        users.unknown = ["phjob-admin"]
        let ben = try CallerLookup(users: users).caller(uid: 1001, catalogue)
        #expect(!ben.isAdministrator && ben.unknownUnixGroups == ["phjob-admin"])
        #expect(try CallerLookup(users: users).caller(uid: 0, catalogue).isAdministrator)
    }

    private static let spec = JobSpec(
        displayName: "x", user: JobSpec.User(name: "ana", uid: 1000, gid: 100), groupName: "lab", command: "true",
        environment: [:], activeDeadlineSeconds: nil,
        instanceType: JobSpec.Instance(
            name: "x", displayName: "x", cpuLimit: CPUAmount(milli: 1000), memoryLimit: MemorySize(bytes: 1),
            gpuLimit: 0),
        image: JobSpec.Image(name: "x", displayName: "x", reference: "x", pullPolicy: .never), volume: nil,
        datasets: [],
        settings: JobSpec.Settings(
            network: "none", pidsLimit: 16, stopGraceSeconds: 1, logMaxSize: MemorySize(bytes: 1 << 20),
            logRetentionSeconds: 1))
}
