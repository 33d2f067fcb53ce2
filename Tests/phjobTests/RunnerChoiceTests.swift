import PhjobRunner
import Testing

@testable import phjob

/// Which runner a command uses.
@Suite struct RunnerChoiceTests {
    struct Case: Sendable {
        var demanded: RunnerMode?
        var environment: [String: String] = [:]
        var socket = false
        var catalogue = false
        var ownCatalogue = false
        var mode: RunnerMode
        var reason: String
    }

    private static let noSocket = "this machine has none for everybody, at /run/phjob/phjob.sock"
    private static let socket = "this machine has one for everybody, at /run/phjob/phjob.sock"
    private static let catalogue =
        "this machine is set up for everybody, by /etc/phjob/config.json, and you have no catalogue"

    static let cases: [Case] = [
        Case(mode: .personal, reason: noSocket), Case(ownCatalogue: true, mode: .personal, reason: noSocket),
        Case(socket: true, mode: .system, reason: socket),
        Case(socket: true, catalogue: true, ownCatalogue: true, mode: .system, reason: socket),
        Case(catalogue: true, mode: .system, reason: catalogue),
        Case(catalogue: true, ownCatalogue: true, mode: .personal, reason: noSocket),
        Case(demanded: .system, mode: .system, reason: "'--system' was given"),
        Case(demanded: .personal, socket: true, mode: .personal, reason: "'--personal' was given"),
        Case(
            demanded: .system, environment: ["PHJOB_SOCKET": "/s", "PHJOB_STATE": "/x"], mode: .system,
            reason: "'--system' was given"),
        Case(environment: ["PHJOB_SOCKET": "/s"], socket: true, mode: .personal, reason: "PHJOB_SOCKET is set"),
        Case(environment: ["PHJOB_STATE": "/s"], socket: true, mode: .personal, reason: "PHJOB_STATE is set"),
        Case(
            environment: ["PHJOB_CONFIG": "/c"], socket: true, catalogue: true, mode: .personal,
            reason: "PHJOB_CONFIG is set"),
        Case(environment: ["PHJOB_STATE": ""], socket: true, mode: .system, reason: socket),
    ]

    @Test(arguments: cases) func theFirstThatAppliesDecides(_ example: Case) {
        let choice = RunnerChoice.decide(
            demanded: example.demanded, environment: example.environment,
            on: RunnerChoice.Machine(
                hasSystemSocket: { example.socket }, hasSystemCatalogue: { example.catalogue },
                hasOwnCatalogue: { example.ownCatalogue }))
        #expect(choice == RunnerChoice(mode: example.mode, reason: example.reason))
    }

    @Test func aChoiceThatWasMadeLooksAtNothing() {
        func unexpected() -> Bool {
            Issue.record("it looked")
            return true
        }
        let machine = RunnerChoice.Machine(
            hasSystemSocket: unexpected, hasSystemCatalogue: unexpected, hasOwnCatalogue: unexpected)
        for mode in [RunnerMode.system, .personal] {
            #expect(RunnerChoice.decide(demanded: mode, environment: [:], on: machine).mode == mode)
        }
    }

    @Test func placesForEverybodyAreFixedUnlessVariablesSayOtherwise() {
        let usual = Paths.system(environment: ["PHJOB_STATE": "", "HOME": "/h"], workingDirectory: "/w")
        #expect(usual.state == "/var/lib/phjob")
        #expect(usual.catalogue == "/etc/phjob/config.json")
        #expect(usual.socket == "/run/phjob/phjob.sock")
        let others = Paths.system(
            environment: ["PHJOB_STATE": "s", "PHJOB_CONFIG": "/c//x", "PHJOB_SOCKET": "./p"], workingDirectory: "/w")
        #expect([others.state, others.catalogue, others.socket] == ["/w/s", "/c/x", "/w/p"])
    }

    @Test(arguments: ["--system --personal list", "list --personal --system", "--system list --personal"])
    func bothAtOnceIsRefused(_ line: String) throws {
        let world = try TestWorld()
        #expect(try world.run(line) == 64)
        #expect(world.errors.text.contains("'--system' and '--personal' cannot be used together"))
    }

    @Test(arguments: ["--system runner status", "runner --system status", "runner status --system"])
    func theChoiceReachesTheCommand(_ line: String) throws {
        let world = try TestWorld()
        #expect(try world.run(line) == 1)
        #expect(world.errors.text.contains("the system runner does not answer at /run/phjob/phjob.sock"))
        #expect(world.errors.text.contains("systemctl status phjob"))
    }

    @Test func commandsThatNeedNoRunnerDoNotTakeIt() throws {
        let world = try TestWorld()
        #expect(try world.run("completion bash --system") == 64)
        #expect(world.errors.text.contains("unknown option '--system'"))
    }
}
