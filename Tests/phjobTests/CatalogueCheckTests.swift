import PhjobTestSupport
import Testing

@testable import phjob

/// `phjob catalogue check` as a command.
@Suite struct CatalogueCheckTests {
    private static let valid = """
        { // for the test
          "schema": 1,
          "groups": [{"name": "lab", "users": ["nosuchuser-x"]}],
          "instanceTypes": [{"name": "one", "cpuLimit": 1, "memoryLimit": "1G"}],
          "images": [{"name": "base", "url": "localhost/base:latest"}, {"name": "b", "url": "localhost/b:latest"}]
        }
        """

    @Test func aValidCatalogueIsCountedAndWarnedOf() throws {
        let world = try TestWorld()
        let path = try world.directory.write(Self.valid, to: "new.json")
        #expect(try world.run("catalogue check \(path)") == 0)
        #expect(world.output.text == "\(path): valid (1 group, 1 instance type, 2 images, 0 datasets)\n")
        #expect(world.errors.text.contains("nosuchuser-x"), "\(world.errors.text)")
    }

    @Test func withoutAFileItIsTheOneInUse() throws {
        let world = try TestWorld()
        #expect(try world.run("catalogue check") == 1)
        #expect(world.errors.text.contains("phjob init"))
        let path = try world.directory.write(Self.valid, to: "config.json")
        #expect(try world.run("catalogue check") == 0)
        #expect(world.output.text.hasPrefix("\(path): valid"))
    }

    @Test func allMistakesAreListedAtOnce() throws {
        let world = try TestWorld()
        let path = try world.directory.write(
            #"{"schema": 1, "groups": [{"name": "Not A Name"}], "images": [{"name": "x"}], "odd": 1}"#, to: "bad.json")
        #expect(try world.run("catalogue check \(path)") == 1)
        #expect(world.output.text == "")
        for words in ["groups[0].name", "images[0].url", "odd: is not known here"] {
            #expect(world.errors.text.contains(words), "\(world.errors.text)")
        }
    }
}
