import PhjobSystem
import PhjobTestSupport
import Testing

@Suite struct LingeringTests {
    @Test func nobodyDecidesWithoutSystemd() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "ada")
        #expect(Lingering(systemd: directory("none"), records: directory.path).isOn(for: "ada") == nil)
    }

    @Test func eachUserIsAskedAfter() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "ada")
        let lingering = Lingering(systemd: directory.path, records: directory.path)
        #expect(lingering.isOn(for: "ada") == true)
        #expect(lingering.isOn(for: "bob") == false)
    }
}
