import Testing

@testable import PhjobCore

struct AccessTests {
    private static func catalogue() throws -> Catalogue {
        try CatalogueReaderTests.catalogue(
            """
            {"groups": [{"name": "lab", "users": ["ada"], "unixGroup": "lab-members"},
                        {"name": "private", "users": ["ada", "bob"], "ownerOnly": true}]}
            """)
    }

    private static func summary(_ user: String, _ group: String, uid: UInt32 = 1000) -> JobSummary {
        JobSummary(
            Job(
                id: Sample.id,
                spec: Sample.spec {
                    ($0.user.name, $0.user.uid) = (user, uid)
                    $0.groupName = group
                }, createTime: Sample.created))
    }

    @Test func membersByListAndByUnixGroup() throws {
        let catalogue = try Self.catalogue()
        #expect(catalogue.unixGroups == ["lab-members"])
        let groups = { (caller: Caller) in catalogue.groups(of: caller).map(\.name) }
        #expect(groups(Sample.caller("ada")) == ["lab", "private"])
        #expect(groups(Sample.caller("bob")) == ["private"])
        #expect(groups(Sample.caller("bob", unixGroups: ["lab-members"])) == ["lab", "private"])
        #expect(groups(Sample.caller("eve", unixGroups: ["other"])).isEmpty)
        // An administrator sees all, and is a member of nothing by that.
        #expect(groups(Sample.caller("root", isAdministrator: true)).isEmpty)
        #expect(Access(Sample.caller("root", isAdministrator: true), catalogue).groups == ["lab", "private"])
    }

    private static let table: [(caller: Caller, owner: String, group: String, sees: Bool, mayCancel: Bool)] = [
        (Sample.caller("ada"), "bob", "lab", true, true),
        (Sample.caller("eve", unixGroups: ["lab-members"]), "bob", "lab", true, true),
        (Sample.caller("eve"), "bob", "lab", false, true),
        (Sample.caller("ada"), "bob", "private", true, false),
        (Sample.caller("bob"), "bob", "private", true, true),
        (Sample.caller("root", isAdministrator: true), "bob", "private", true, true),
        (Sample.caller("root", isAdministrator: true), "bob", "gone", true, true),
        // Who has left a group still sees their own jobs, and nobody else's.
        (Sample.caller("bob"), "bob", "gone", true, true),
        (Sample.caller("ada"), "bob", "gone", false, true),
    ]

    @Test(arguments: table.indices) func whoMayDoWhat(_ row: Int) throws {
        let (caller, owner, group, sees, mayCancel) = Self.table[row]
        let access = Access(caller, try Self.catalogue())
        let job = Self.summary(owner, group)
        #expect(access.maySee(job) == sees)
        guard sees else { return }
        for action in [Access.Action.cancel, .readLog] {
            let refusal = Result { () throws(PhjobError) in try access.check(action, on: job) }
            #expect(((try? refusal.get()) != nil) == mayCancel)
            if case .failure(let error) = refusal { #expect(error.code == .forbidden) }
        }
    }

    /// An account that was deleted and made again has another uid, and a uid may have been given to another name.
    @Test(arguments: [("bob", 1001), ("ben", 1000)] as [(String, UInt32)])
    func whoCameAfterTheOwner(_ name: String, _ uid: UInt32) throws {
        let caller = Caller(user: JobSpec.User(name: name, uid: uid, gid: 100), unixGroups: ["lab-members"])
        let access = Access(caller, try Self.catalogue())
        #expect(!access.isOwner(of: Self.summary("bob", "gone")) && !access.maySee(Self.summary("bob", "gone")))
        // What they see as a member of the group is not theirs.
        #expect(access.maySee(Self.summary("bob", "lab")))
        #expect(access.isOwner(of: Self.summary(name, "gone", uid: uid)))
    }

    @Test func aCancelOfWhoCameAfterTheOwner() throws {
        let caller = Caller(user: JobSpec.User(name: "bob", uid: 1001, gid: 100))
        let access = Access(caller, try Self.catalogue())
        let job = Self.summary("bob", "private")
        #expect(access.maySee(job))
        #expect(throws: PhjobError.self) { try access.check(.cancel, on: job) }
    }

    /// A hundred thousand of them are in memory: what a uid takes, an id leaves over.
    @Test func aSummaryStaysSmall() { #expect(MemoryLayout<JobSummary>.stride <= 168) }

    @Test func onlyAdministratorsManage() throws {
        let catalogue = try Self.catalogue()
        try Access(Sample.caller("root", isAdministrator: true), catalogue).checkAdministrator(to: "drain")
        let error = #expect(throws: PhjobError.self) {
            try Access(Sample.caller("ada"), catalogue).checkAdministrator(to: "drain")
        }
        #expect(error?.code == .forbidden && error?.hint?.contains("phjob-admin") == true)
    }
}
