import Testing

@testable import PhjobCore

/// The umask of a group's jobs.
struct FileModeMaskTests {
    @Test(arguments: [("0002", "0002"), ("2", "0002"), ("022", "0022"), ("0077", "0077"), ("0", "0000")])
    func octal(_ text: String, _ shown: String) throws {
        #expect(try FileModeMask(parsing: text).description == shown)
    }

    @Test(arguments: ["", "8", "0o2", "-2", "00002", "rwx", "0777", "0100", "２"])
    func whatIsNone(_ text: String) {
        #expect(throws: InvalidValue.self) { try FileModeMask(parsing: text) }
    }

    private static func catalogue(_ member: String) throws -> Catalogue {
        try CatalogueReader.read(
            .object([
                "groups": .array([
                    .object([
                        "name": .string("a"), "users": .array([.string("ana")]), "volume": .string("/srv/a"),
                        "mustBeMounted": .bool(true),
                    ]),
                    .object(["name": .string("b")]),
                    .object(["name": .string("c"), "volume": .string("/srv/c"), "umask": .string(member)]),
                ]),
                "datasets": .array([
                    .object([
                        "name": .string("d"), "path": .string("/srv/d"), "mustBeMounted": .bool(true),
                        "groups": .array([.string("a")]),
                    ])
                ]),
            ]))
    }

    /// Members of a group that shares a volume may change each other's files there, unless the catalogue says otherwise.
    @Test func whatIsUsual() throws {
        let catalogue = try Self.catalogue("0027")
        #expect(catalogue.groups.map(\.effectiveUmask.description) == ["0002", "0022", "0027"])
        #expect(catalogue.groups.map(\.mustBeMounted) == [true, false, false])
        #expect(catalogue.datasets.map(\.mustBeMounted) == [true])
    }

    @Test func mistakesAreNamed() throws {
        let problems = #expect(throws: CatalogueReader.Problems.self) { try Self.catalogue("0777") }
        #expect(problems?.description.contains("groups[2].umask") == true)
        let lonely = #expect(throws: CatalogueReader.Problems.self) {
            try CatalogueReader.read(
                .object(["groups": .array([.object(["name": .string("a"), "mustBeMounted": .bool(true)])])]))
        }
        #expect(lonely?.description == "groups[0].mustBeMounted: there is no volume that could be mounted")
    }
}
