import Testing

@testable import phjob

@Suite("The environment of a personal runner")
struct RunnerEnvironmentTests {
    @Test("The same environment is no finding")
    func same() {
        #expect(RunnerChecks.environment(ofRunner: [:], here: [:]) == nil)
        #expect(RunnerChecks.environment(ofRunner: ["DOCKER_HOST": "a"], here: ["DOCKER_HOST": "a"]) == nil)
    }

    @Test("Another engine than this shell's is said, with what to do")
    func different() throws {
        let finding = try #require(
            RunnerChecks.environment(
                ofRunner: ["DOCKER_HOST": "ssh://gpu"], here: ["CONTAINERS_CONF": "/a", "DOCKER_HOST": "unix:///b"]))
        #expect(finding.state == .warning)
        #expect(
            finding.message.hasSuffix(
                """
                CONTAINERS_CONF is not set for the runner, and '/a' in this shell
                DOCKER_HOST is 'ssh://gpu' for the runner, and 'unix:///b' in this shell
                """))
        #expect(finding.advice?.contains("phjob runner stop") == true)
    }
}
