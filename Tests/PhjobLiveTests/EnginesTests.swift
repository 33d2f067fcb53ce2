import PhjobTestSupport
import Testing

/// Which engines these tests run on; one that is not there is skipped here, visibly, or fails.
@Suite struct EnginesTests {
    @Test(.enabled(if: LiveEngine.wanted.contains(.podman), "not in PHJOB_TEST_ENGINES"))
    func podmanAnswers() async throws { try await check(.podman) }

    @Test(.enabled(if: LiveEngine.wanted.contains(.docker), "not in PHJOB_TEST_ENGINES"))
    func dockerAnswers() async throws { try await check(.docker) }

    private func check(_ engine: LiveEngine) async throws {
        let answers = try await onThread { engine.answers }
        if !answers, !LiveEngine.isRequired { try Test.cancel("\(engine) does not answer, and is not required") }
        #expect(answers)
    }
}
