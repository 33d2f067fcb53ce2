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

    @Test(
        arguments: [
            ("0::/user.slice/user-1000.slice/session-3.scope\n", false, .endsWithRunner),
            ("0::/user.slice/user-1000.slice/session-3.scope\n", true, .endsAll),
            ("0::/user.slice/user-1000.slice/session-3.scope\n", nil, .endsAll),
            ("2:cpu:/\n1:name=systemd:/user.slice/user-1000.slice/session-c1.scope\n", false, .endsWithRunner),
            ("0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-r1.scope\n", false, .endsAll),
            ("", false, .endsAll),
        ] as [(String, Bool?, LogOutEffect)])
    func aLogOutEnds(_ groups: String, _ kills: Bool?, _ effect: LogOutEffect) {
        #expect(LogOutEffect.of(lingers: false, controlGroups: groups, killsUserProcesses: { kills }) == effect)
        for lingers in [true, nil] {
            #expect(LogOutEffect.of(lingers: lingers, controlGroups: groups, killsUserProcesses: { kills }) == nil)
        }
    }
}
