import PhjobAPI
import PhjobCore
import Testing

struct CatalogueViewTests {
    private static let text = """
        {"groups": [{"name": "lab", "users": ["ana"]}, {"name": "secret-project", "users": ["ben"]}],
         "datasets": [{"name": "shared", "path": "/srv/shared", "groups": ["lab", "secret-project"]},
                      {"name": "all", "path": "/srv/all"},
                      {"name": "theirs", "path": "/srv/theirs", "groups": ["secret-project"]}],
         "images": [{"name": "base", "url": "base", "groups": ["lab", "secret-project"]}],
         "instanceTypes": [{"name": "small", "cpuLimit": 1, "memoryLimit": "1G", "groups": ["lab", "secret-project"]}]}
        """

    private func view(_ name: String, isAdministrator: Bool = false) throws -> CatalogueView {
        let catalogue = try CatalogueReader.read(JSONBody.value(in: Array(Self.text.utf8)))
        let caller = Caller(
            user: JobSpec.User(name: name, uid: 1000, gid: 100), isAdministrator: isAdministrator)
        return CatalogueView(catalogue, caller: caller, free: .zero, capacity: .zero)
    }

    @Test func nobodyIsToldOfOthersGroups() throws {
        let view = try view("ana")
        #expect(view.datasets.map(\.name) == ["shared", "all"])
        #expect(view.datasets.map(\.groups) == [["lab"], nil])
        let json = String(decoding: try JSONBody.encode(view), as: UTF8.self)
        #expect(!json.contains("secret-project") && json.contains("base") && json.contains("small"))
    }

    @Test func administratorsSeeAllGroups() throws {
        #expect(try view("ana", isAdministrator: true).datasets.first?.groups == ["lab", "secret-project"])
    }
}
