import Foundation
import PhjobSystem
import PhjobTestSupport
import Testing

/// Files without a name that take room all the same.
struct UnlinkedFilesTests {
    private let directory: TemporaryDirectory
    private let devices: [dev_t: dev_t]

    init() throws {
        directory = try TemporaryDirectory()
        let device = try directory.descriptor.status().st_dev
        devices = [device: device]
    }

    /// A shell that does `script` in the directory, says `ready`, and sleeps.
    private func withShell(_ script: String, _ body: (pid_t) throws -> Void) throws {
        let command = ProcessCommand(
            "/bin/sh", ["-c", "cd \(directory.path); \(script)\necho ready; exec sleep 600"],
            environment: ["PATH": "/usr/bin:/bin"])
        let process = try ReapedProcess(command, log: directory("log"))
        defer { for pid in ProcessTable.descendants(of: process.pid).reversed() { kill(pid, SIGKILL) } }
        try blockUntil("the shell is ready") { (try? directory.text("log")) == "ready\n" }
        try body(process.pid)
    }

    private func size(_ pid: pid_t, limit: Int64 = .max, except shared: [String] = []) -> Int64 {
        UnlinkedFiles.size(heldBy: pid, on: devices, exceptBelow: shared, limit: limit)
    }

    @Test func whatIsOpenWithoutANameCountsOnce() throws {
        let script = """
            exec 5>named 6>gone 7>empty; rm gone empty; exec 8>&6; dd if=/dev/zero bs=1024 count=2048 >&6 2>/dev/null
            dd if=/dev/zero bs=1024 count=512 >&5 2>/dev/null
            """
        try withShell(script) { pid in
            #expect((2 << 20...(2 << 20) + 65_536).contains(size(pid)))
            #expect(size(pid, limit: 1000) > 1000)
            #expect(size(pid, except: [directory.path]) == 0)
            #expect(UnlinkedFiles.size(heldBy: pid, on: [:], exceptBelow: [], limit: .max) == 0)
        }
    }

    /// By a child of a child: all that descend from a container's first process are its processes.
    @Test func descendantsCount() throws {
        let script = "(exec 6>gone; rm gone; head -c 1048576 /dev/zero >&6; sh -c 'sleep 600; :'; :) &"
        try withShell(script) { pid in try blockUntil("it is written") { size(pid) >= 1 << 20 } }
        #expect(ProcessTable.descendants(of: getpid()).first == getpid())
        #expect(size(0x7fff_ffff) == 0)
    }

    @Test(.enabled(if: HostProcess.isRoot, "following /proc/<pid>/map_files needs root"))
    func whatIsMappedCounts() async throws {
        let path = try directory.write([UInt8](repeating: 1, count: 1 << 20), to: "mapped")
        await #expect(processExitsWith: .success) { [path = path as String] in
            var status = stat()
            let file = open(path, O_RDWR | O_CLOEXEC)
            let memory = mmap(nil, 4096, PROT_READ, MAP_SHARED, file, 0)
            try #require(fstat(file, &status) == 0 && memory != MAP_FAILED)
            close(file)
            let devices = [status.st_dev: status.st_dev]
            let before = UnlinkedFiles.size(heldBy: getpid(), on: devices, exceptBelow: [], limit: .max)
            unlink(path)
            let after = UnlinkedFiles.size(heldBy: getpid(), on: devices, exceptBelow: [], limit: .max)
            #expect(after - before >= 1 << 20)
            munmap(memory, 4096)
        }
    }
}
