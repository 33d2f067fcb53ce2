import Testing

@testable import PhjobEngine
@testable import PhjobRunner

@Suite("A process that ended, and an engine that says otherwise")
struct ContradictionTests {
    private static func found(_ status: String, pid: Int32) -> ContainerInspection {
        ContainerInspection(
            id: "a", name: "b", labels: [:], status: status, pid: pid, exitCode: 0, outOfMemory: false, startTime: nil,
            finishTime: nil, error: "")
    }

    @Test(
        "Each engine's own cause",
        arguments: [
            (
                "running", 7, true,
                "the container's process has ended, and its monitor with it: the engine still says 'running'"
            ),
            ("running", 7, false, "the container's process has ended: the engine still says 'running'"),
            ("created", 0, false, "the container's process has ended: the engine still says 'created'"),
        ] as [(String, Int32, Bool, String)])
    func words(_ status: String, pid: Int32, hasMonitor: Bool, words: String) {
        #expect(ExitCollection.contradiction(Self.found(status, pid: pid), first: 7, hasMonitor: hasMonitor) == words)
    }

    @Test("As `docker update --restart=always` does", arguments: [true, false])
    func startedAgain(_ hasMonitor: Bool) {
        let words = ExitCollection.contradiction(Self.found("running", pid: 8), first: 7, hasMonitor: hasMonitor)
        #expect(words.hasPrefix("the container was started again, not by phjob"))
    }
}
