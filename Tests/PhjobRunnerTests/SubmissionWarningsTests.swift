import PhjobEngine
import PhjobSystem
import Testing

@testable import PhjobRunner

@Suite struct SubmissionWarningsTests {
    private static let lingering = "systemd ends your jobs when you log out; run 'loginctl enable-linger'"

    private static let closing =
        "after you log out your jobs run on only while the runner does; run 'loginctl enable-linger'"

    @Test(
        arguments: [
            (Engine.podman([]), nil, []), (.podman([]), .endsAll, [lingering]),
            (.podman([]), .endsWithRunner, [closing]),
            (.docker([]), .endsAll, []), (.unknown, .endsAll, [lingering]), (.unknown, nil, []),
            (
                .podman(["cpu", "memory"]), nil,
                ["podman does not enforce these limits here: cpu, memory; 'phjob doctor' says more"]
            ),
            (
                .docker(["pids"]), nil, ["docker does not enforce these limits here: pids; 'phjob doctor' says more"]
            ),
            (
                .podman(["pids"]), .endsAll,
                [lingering, "podman does not enforce these limits here: pids; 'phjob doctor' says more"]
            ),
        ] as [(Engine, LogOutEffect?, [String])])
    func texts(_ engine: Engine, _ logOut: LogOutEffect?, _ expected: [String]) {
        #expect(SubmissionWarnings.texts(engine: engine.facts, logOut: logOut) == expected)
    }

    @Test func variablesLeftOut() {
        let many = (1...22).map { "V\($0)" }
        let text = SubmissionWarnings.variablesLeftOut(many, owner: "ana")
        #expect(text.contains("ana's variables are not taken over: V1, V2, ") && text.contains("V20 and 2 more; "))
        #expect(!text.contains("V21"))
    }

    enum Engine: Sendable {
        case unknown
        case podman([String])
        case docker([String])

        var facts: EngineFacts? {
            switch self {
            case .unknown: nil
            case .podman(let limits): Self.facts(.podman, limits)
            case .docker(let limits): Self.facts(.docker, limits)
            }
        }

        private static func facts(_ name: EngineName, _ limits: [String]) -> EngineFacts {
            EngineFacts(name: name, version: "5", isRootless: true, cgroupVersion: 2, unenforcedLimits: limits)
        }
    }
}
