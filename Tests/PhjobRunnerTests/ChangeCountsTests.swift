import PhjobCore
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

@testable import PhjobRunner

/// A revision changes with what a caller may see, and with nothing else.
@Suite("What a revision tells")
struct ChangeCountsTests {
    private static func access(_ name: String, isAdministrator: Bool = false, _ runner: LiveRunner) -> Access {
        let user = JobSpec.User(name: name, uid: 4000, gid: 4000)
        let caller = Caller(user: user, isAdministrator: isAdministrator)
        return runner.supervisor.state.withLock { Access(caller, $0.catalogue) }
    }

    @Test("An outsider's stays, however much happens; a member's does not")
    func outsiders() async throws {
        try await withRunner(WorldOptions(cpus: 1)) { runner in
            let (outsider, member) = (Self.access("eve", runner), Self.access("bob", runner))
            let administrator = Self.access("root", isAdministrator: true, runner)
            func revision(_ access: Access) -> UInt64 { runner.supervisor.state.withLock { $0.revision(for: access) } }
            // The engine and the GPUs may be looked at for the first time.
            let first = try runner.submit("true")
            try runner.waitForEnd(first)
            let before = [outsider, member, administrator].map(revision)
            var seen: Set<UInt64> = [before[1]]
            for _ in 0..<3 {
                let ids = try (0..<2).map { _ in try runner.submit(QueueTests.until("go")) }
                #expect(seen.insert(revision(member)).inserted)
                for id in ids.reversed() { _ = try runner.cancel(id) }
                for id in ids { try runner.waitForEnd(id) }
                #expect(seen.insert(revision(member)).inserted)
            }
            #expect(revision(outsider) == before[0] && revision(administrator) != before[2])
            // What concerns everybody is told to everybody.
            try runner.supervisor.drain(reason: "test", caller: World.caller("root", isAdministrator: true))
            #expect(revision(outsider) != before[0])
        }
    }

    @Test("It does not count: neighbours lie anywhere")
    func opaque() async throws {
        try await withRunner { runner in
            let access = Self.access("bob", runner)
            var counts = ChangeCounts()
            let revisions = (UInt64(0)..<100).map { common in
                counts.queueChanged()
                return counts.revision(for: access, common: common, isWaiting: true)
            }
            #expect(Set(revisions).count == 100 && revisions.allSatisfy { $0 < 1 << 53 })
            #expect(zip(revisions, revisions.dropFirst()).contains { $0 > $1 })
            // What nobody waits for is not counted.
            let idle = counts.revision(for: access, common: 7, isWaiting: false)
            counts.queueChanged()
            #expect(counts.revision(for: access, common: 7, isWaiting: false) == idle)
        }
    }
}
