import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// An ordinary user with rootless podman.
@Suite(
    .serialized, .enabled(if: HostProcess.isRoot, "only root can make a user"),
    .enabled(if: LiveEngine.all.contains(.podman), "podman is not used"))
struct RootlessSerialTests {
    @Test func jobs() async throws {
        let user = try await onThread { try TemporaryUser() }
        do {
            try await onThread {
                try Person.requireLibraries(Self.run(user, ["--version"]))
                let loaded = try user.podman("load", "--input=\(user.home("image.tar"))")
                if loaded.status != 0 { try Test.cancel("rootless podman does not work here: \(loaded.errors)") }
            }
            try await LivePhjob.with(.podman, user: user) { phjob in try Self.checkJobs(phjob, user) }
        } catch {
            try await onThread { user.remove() }
            throw error
        }
        try await onThread { user.remove() }
    }

    private static func run(_ user: TemporaryUser, _ arguments: [String]) throws -> Output {
        let command = user.command(user.binary, arguments, environment: user.environment)
        return Output(try ChildProcess(command, timeout: patience).run())
    }

    private static func checkJobs(_ phjob: LivePhjob, _ user: TemporaryUser) throws {
        let script = """
            whoami; id -u; id -un; echo $HOME; pwd; grep -E '^(CapEff|NoNewPrivs)' /proc/self/status
            echo x >/project/lab/file; mkdir ~/directory; echo x 2>/dev/null >/datasets/data/file || echo read-only
            """
        let job = try phjob.end(of: phjob.submit(script))
        #expect(job.phase == .succeeded, "\(job.message)")
        #expect(job.userName == user.name)
        #expect(
            try phjob.log(job.id).lines == [
                user.name, "\(user.uid)", user.name, "/home/jovyan", "/home/jovyan",
                "CapEff:\t0000000000000000", "NoNewPrivs:\t1", "read-only",
            ])
        let status = try #require(phjob.directory.status("volume/file"))
        #expect(status.st_uid == user.uid)
        #expect(status.st_gid == user.gid)
        #expect(try phjob("run", "--", "exit 7").status == 7)

        let engine = try phjob.engineStatus()
        #expect(engine.isRootless)
        if engine.cgroupVersion == 1 {
            // Nothing is enforced there, and nobody is left in the belief that it were.
            #expect(job.unenforcedLimits == ["cpu", "memory", "pids"])
            #expect(try phjob("get", job.id.text).text.contains("memory"))
            let warning = "warning: podman does not enforce these limits here: cpu, memory, pids;"
            #expect(try phjob("submit", "--", "true").errors.contains(warning))
            #expect(try phjob("run", "--", "true").errors.contains(warning))
            #expect(try phjob("submit", "--wait", "--json", "--", "true").errors.contains(warning))
            #expect(try phjob("submit", "--quiet", "--", "true").errors.isEmpty)
            #expect(try phjob("runner", "status").text.contains("does not enforce: cpu, memory, pids"))
            #expect(try phjob("doctor", timeout: 180).text.contains("does not enforce: cpu, memory, pids"))
        }

        // Adoption, cancelling and the log do not need root either.
        let other = try phjob.submit("trap 'echo stopped; exit 0' TERM; echo started; while :; do sleep 0.1; done")
        try phjob.wait(forOutput: "started", of: other)
        try phjob.killRunner()
        try phjob("cancel", other.text)
        #expect(try phjob.end(of: other).phase == .cancelled)
        #expect(try phjob.log(other).text == "started\nstopped\n")
    }
}
