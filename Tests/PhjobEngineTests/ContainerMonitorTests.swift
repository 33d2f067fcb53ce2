import Glibc
import PhjobCore
import PhjobSystem
import Testing

@testable import PhjobEngine

/// Which processes are taken for monitors of jobs' containers: those found here may be ended.
@Suite struct ContainerMonitorTests {
    private static let id = String(repeating: "0f", count: 32)
    private static let name = "phjob-job-202611211103-oqkldg"

    private static func monitor(
        program: String = "/usr/bin/conmon", name: String = Self.name, id: String = Self.id,
        runtime: String = "/usr/bin/runc",
        uid: uid_t = geteuid(), numbers: String = "4242", hasRightsOfItsFile: Bool = false
    ) -> ContainerMonitor? {
        let status = "Name:\tconmon\nUid:\t0\t\(uid)\t0\t0\nNSpid:\t\(numbers)\n"
        let arguments = [
            program, "--api-version", "1", "-c", id, "-u", id, "-r", runtime, "-n", name, "--exit-dir", "/x",
        ]
        return ContainerMonitor(
            ProcessEntry(
                pid: 4242, startTicks: 7, parent: 1, status: status, arguments: arguments,
                hasRightsOfItsFile: hasRightsOfItsFile))
    }

    @Test func aMonitorIsKnownByItsArguments() throws {
        let monitor = try #require(Self.monitor())
        #expect(monitor.job.containerName == Self.name)
        #expect(monitor.containerID == Self.id)
        #expect(monitor.process.pid == 4242)
        #expect(monitor.exitFile == ExitFile(directory: "/x", containerID: Self.id, monitor: monitor.process))
    }

    @Test func allElseIsNone() {
        #expect(Self.monitor(program: "/usr/bin/conmon2") == nil)
        #expect(Self.monitor(name: "web") == nil)
        #expect(Self.monitor(name: "job-202611211103-oqkldg") == nil)
        #expect(Self.monitor(name: "phjob-image-cafe-1") == nil)
        #expect(Self.monitor(id: "cafe") == nil)
        #expect(Self.monitor(id: String(repeating: "--", count: 32)) == nil)
        #expect(Self.monitor(runtime: "runc") == nil)
    }

    /// A job can call itself what it likes; its numbers, one for each namespace, are the kernel's words.
    @Test func whatAJobOrAnotherUserStartedIsNone() {
        #expect(Self.monitor(numbers: "4242\t17") == nil)
        #expect(Self.monitor(uid: geteuid() &+ 1) == nil)
        // As sudo(8) is: whoever calls it says what it is called, and it may ask for a password for ever.
        #expect(Self.monitor(hasRightsOfItsFile: true) == nil)
    }
}
