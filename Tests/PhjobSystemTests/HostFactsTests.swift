import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

/// The machine, the boot, the users and the programs that are there.
@Suite(.timeLimit(.minutes(30))) struct HostFactsTests {
    @Test func bootIdIsTheKernels() async throws {
        let text = try await onThread { try HostProcess.shell("cat /proc/sys/kernel/random/boot_id").output.text }
        #expect(Boot.id.utf8.count == 36)
        #expect(text == Boot.id + "\n")
    }

    @Test func processorsAreThoseThatThisProcessMayUse() async throws {
        let text = try await onThread { try HostProcess.shell("nproc").output.text }
        #expect(text == "\(Machine.processors)\n")
    }

    @Test func processorsThatAreTakenAwayDoNotCount() async {
        await #expect(processExitsWith: .success) {
            let result = try HostProcess.shell("taskset -a -p -c 0 \(getpid())")
            try #require(result.isSuccess, "\(result.errors.text)")
            #expect(Machine.processors == 1)
        }
    }

    @Test func memoryIsThatOfTheKernel() async throws {
        let text = try await onThread { try HostProcess.shell("grep MemTotal: /proc/meminfo | tr -dc 0-9").output.text }
        #expect(Machine.memory == (Int64(text) ?? 0) * 1024)
        #expect(Machine.memory > 64 << 20)
    }

    @Test func gpusAreCountedByTheirDevices() async throws {
        let text = try await onThread { try HostProcess.shell("ls /dev | grep -cx 'nvidia[0-9]*'").output.text }
        #expect("\(Machine.gpus)\n" == text)
    }

    @Test func usersAreThoseOfTheDatabase() throws {
        let root = try #require(try UserAccount.find(uid: 0))
        #expect(root.name == "root")
        #expect(root.gid == 0)
        #expect(root.home == "/root")
        #expect(UserAccount.current?.uid == geteuid())
    }

    @Test(arguments: [UInt32.max, 3_999_999_999])
    func userWithoutAnEntryIsNobody(_ uid: uid_t) throws {
        #expect(try UserAccount.find(uid: uid) == nil)
    }

    @Test func programsAreLookedUpInOrder() throws {
        let directory = try TemporaryDirectory()
        for name in ["a", "b", "c", "b/directory"] { try Directory.create(directory(name)) }
        try directory.write("", to: "a/tool", mode: 0o644)
        try directory.write("", to: "b/tool", mode: 0o755)
        try directory.write("", to: "c/tool", mode: 0o755)
        symlink("nowhere", directory("a/dangling"))
        symlink("../b/tool", directory("a/link"))
        let path = ["a", "b", "c"].map { directory($0) }.joined(separator: ":")
        #expect(ExecutableLookup.find("tool", path: path) == directory("b/tool"))
        #expect(ExecutableLookup.find("tool", path: "::relative:" + directory("c")) == directory("c/tool"))
        #expect(ExecutableLookup.find("link", path: path) == directory("a/link"))
        for name in ["missing", "directory", "dangling"] { #expect(ExecutableLookup.find(name, path: path) == nil) }
        #expect(ExecutableLookup.find("tool", path: "") == nil)
        #expect(ExecutableLookup.find("sh", path: "/nonexistent:/bin") == "/bin/sh")
    }
}
