import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

@Suite("The name of the machine's time zone")
struct HostTimeZoneTests {
    @Test(
        "The variable TZ goes first",
        arguments: [
            ("Europe/Berlin", "Europe/Berlin"), (":Asia/Kolkata", "Asia/Kolkata"), ("UTC", "UTC"),
            ("CET-1CEST,M3.5.0,M10.5.0/3", "CET-1CEST,M3.5.0,M10.5.0/3"),
            ("/usr/share/zoneinfo/America/New_York", "America/New_York"),
        ])
    func variable(_ value: String, _ expected: String) {
        #expect(HostTimeZone.identifier(variable: value, link: "/nowhere") == expected)
    }

    @Test(
        "Else the link says it",
        arguments: [
            ("/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin"), ("../usr/share/zoneinfo/Etc/UTC", "Etc/UTC"),
            ("/var/lib/zones/local", "UTC"), ("/usr/share/zoneinfo/", "UTC"), ("/usr/share/zoneinfo/a b", "UTC"),
        ])
    func link(_ target: String, _ expected: String) throws {
        let directory = try TemporaryDirectory()
        #expect(symlink(target, directory("localtime")) == 0)
        for variable in [nil, "", "'; rm -rf /", "/etc/passwd", "../zoneinfo/../../x"] as [String?] {
            #expect(HostTimeZone.identifier(variable: variable, link: directory("localtime")) == expected)
        }
        #expect(HostTimeZone.identifier(variable: nil, link: directory("missing")) == "UTC")
    }
}
