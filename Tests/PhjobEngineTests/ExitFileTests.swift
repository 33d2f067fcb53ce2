import Glibc
import PhjobCore
import PhjobEngine
import PhjobSystem
import PhjobTestSupport
import Testing

@Suite("The file that a monitor writes the exit code to", .timeLimit(.minutes(30)))
struct ExitFileTests {
    private let directory: TemporaryDirectory
    private let file: ExitFile

    init() throws {
        directory = try TemporaryDirectory()
        // This process stands for the monitor: it does not end.
        let own = try #require(ProcessTable.entry(of: getpid()))
        file = ExitFile(directory: directory.path, containerID: "code") { own }
    }

    private var soon: Monotonic { .now.adding(seconds: 0.05) }

    @Test("The code and the time of the file", arguments: [("0", 0), ("7\n", 7), ("255", 255)] as [(String, Int32)])
    func code(_ text: String, _ code: Int32) throws {
        try directory.write(text, to: "code")
        var times = [
            timespec(tv_sec: 1_795_251_600, tv_nsec: 125_000_000),
            timespec(tv_sec: 1_795_251_600, tv_nsec: 125_999_999),
        ]
        #expect(utimensat(AT_FDCWD, directory("code"), &times, 0) == 0)
        let found = try #require(file.wait(until: soon))
        #expect(
            found
                == ContainerExit(
                    exitCode: code, startTime: nil, finishTime: Timestamp(milliseconds: 1_795_251_600_125)))
    }

    @Test(
        "What is no exit code is not believed",
        arguments: ["", "-1", "256", "x", "0x1", "99999999999999999999", "1 2 x"])
    func noCode(_ text: String) throws {
        try directory.write(text, to: "code")
        #expect(file.wait(until: soon) == nil)
    }

    @Test("Nor is what is no file of ours", arguments: ["link", "directory", "fifo", "nothing", "no directory"])
    func noFile(_ kind: String) throws {
        switch kind {
        case "link":
            try directory.write("0", to: "elsewhere")
            #expect(symlink(directory("elsewhere"), directory("code")) == 0)
        case "directory": #expect(mkdir(directory("code"), 0o700) == 0)
        case "fifo": #expect(mkfifo(directory("code"), 0o600) == 0)
        case "nothing": break
        default: #expect(ExitFile(directory: directory("missing"), containerID: "code").wait(until: soon) == nil)
        }
        #expect(file.wait(until: soon) == nil)
    }

    /// C12
    @Test(
        "Nor is what others could have written",
        .enabled(if: HostProcess.isRoot, "giving a file away needs root"),
        arguments: ["chown 12345 code", "chmod 666 code", "chown 12345 .", "chmod 777 .", "chmod 775 .", "true"])
    func writableByOthers(_ change: String) throws {
        try directory.write("0", to: "code")
        #expect(file.wait(until: soon)?.exitCode == 0)
        try #require(try HostProcess.shell("cd '\(directory.path)' && \(change)").isSuccess)
        #expect(file.wait(until: soon)?.exitCode == (change == "true" ? 0 : nil))
    }

    @Test("It is waited for, also when it comes by a rename")
    func comesLater() async throws {
        try await onThread {
            let (directory, file) = (directory, file)
            WorkerThread.start("monitor") {
                usleep(50_000)
                try? AtomicFile.write(Array("3".utf8), to: "code", in: Directory.open(directory.path))
            }
            #expect(file.wait(until: .now.adding(seconds: patience))?.exitCode == 3)
        }
    }

    @Test("A monitor that was not seen, and is not there, has written it or never will")
    func noMonitor() throws {
        let file = ExitFile(directory: directory.path, containerID: "code")
        #expect(file.wait(until: .now.adding(seconds: 600)) == nil)
        try directory.write("4", to: "code")
        #expect(file.wait(until: .now)?.exitCode == 4)
    }

    @Test("With the monitor's end the waiting ends, and what it wrote last is read", arguments: [true, false])
    func monitorEnds(_ hasWritten: Bool) async throws {
        try await onThread {
            let process = try ReapedProcess(ProcessCommand("/bin/sleep", ["600"]), log: "/dev/null")
            let monitor = try #require(ProcessTable.entry(of: process.pid))
            let file = ExitFile(directory: directory.path, containerID: "code") { monitor }
            WorkerThread.start("monitor") { [directory] in
                usleep(50_000)
                if hasWritten { _ = try? directory.write("5", to: "code") }
                process.signal(SIGKILL)
            }
            #expect(file.wait(until: .now.adding(seconds: 600))?.exitCode == (hasWritten ? 5 : nil))
            #expect(file.wait(until: .now.adding(seconds: 600))?.exitCode == (hasWritten ? 5 : nil))
        }
    }
}
