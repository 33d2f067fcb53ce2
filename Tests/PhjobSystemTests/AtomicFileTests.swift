import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

/// Replacing files whole or not at all.
@Suite(.timeLimit(.minutes(30))) struct AtomicFileTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test(arguments: [0, 1, 4096, 1_000_000])
    func contentIsExactlyWhatIsGiven(_ count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try AtomicFile.write(bytes, to: "file", in: directory.descriptor)
        #expect(try directory.read("file") == bytes)
        #expect(try directory.names() == ["file"])
        #expect(directory.mode("file") == 0o600)
    }

    @Test func modeIsTheOneGiven() throws {
        try AtomicFile.write([1], to: "file", in: directory.descriptor, mode: 0o400)
        #expect(directory.mode("file") == 0o400)
    }

    @Test func shorterContentReplacesLonger() throws {
        for text in ["a long content", "short", ""] {
            try AtomicFile.write(Array(text.utf8), to: "file", in: directory.descriptor)
            #expect(try directory.text("file") == text)
        }
    }

    /// A reader that has the old file open keeps it: nothing is written in place.
    @Test func oldContentStaysForThoseWhoHaveItOpen() throws {
        try AtomicFile.write(Array("old".utf8), to: "file", in: directory.descriptor)
        let reader = try Descriptor(opening: directory("file"), flags: O_RDONLY)
        try AtomicFile.write(Array("new".utf8), to: "file", in: directory.descriptor)
        #expect(try reader.readAll(limit: 100) == Array("old".utf8))
    }

    @Test func linkInThePlaceOfTheFileIsReplacedAndNotFollowed() throws {
        try directory.write("outside", to: "target")
        symlink("target", directory("file"))
        try AtomicFile.write(Array("new".utf8), to: "file", in: directory.descriptor)
        #expect(try directory.text("target") == "outside")
        #expect(directory.status("file").map { $0.st_mode & S_IFMT } == S_IFREG)
    }

    /// A dead writer's temporary files of the same process number, whatever they are, neither stop us nor are followed.
    @Test func leftoversAtTheTemporaryNameAreReplaced() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            try directory.write("outside", to: "target")
            for number in 1...3 { symlink("target", directory(".file.\(getpid()).\(number).tmp")) }
            try directory.write("torn", to: ".file.\(getpid()).4.tmp")
            for text in ["1", "2", "3", "4"] {
                try AtomicFile.write(Array(text.utf8), to: "file", in: directory.descriptor)
                #expect(try directory.text("file") == text)
            }
            #expect(try directory.text("target") == "outside")
            #expect(try directory.names() == ["file", "target"])
        }
    }

    @Test func failedRenameLeavesNothingBehind() throws {
        mkdir(directory("file"), 0o700)
        try directory.write("x", to: "file/inside")
        let error = #expect(throws: SystemError.self) {
            try AtomicFile.write([1], to: "file", in: directory.descriptor)
        }
        #expect(error?.number == EISDIR)
        #expect(try directory.names() == ["file"])
    }

    @Test func directoryThatIsGoneIsAnError() throws {
        let gone = try Directory.open(
            {
                mkdir(directory("gone"), 0o700); return directory("gone")
            }())
        rmdir(directory("gone"))
        #expect(throws: SystemError.self) { try AtomicFile.write([1], to: "file", in: gone) }
    }

    @Test(.enabled(if: HostProcess.isRoot, "mounting needs root"))
    func fullDiskLeavesTheOldContent() async throws {
        let (error, text, names) = try await onThread { [directory] in
            let mount = directory("full")
            mkdir(mount, 0o700)
            let mounted = try HostProcess.shell("mount -t tmpfs -o size=64k phjob-test \(mount)")
            try #require(mounted.isSuccess, "\(mounted.errors.text)")
            defer { _ = try? HostProcess.shell("umount \(mount)") }
            let full = try Directory.open(mount)
            try AtomicFile.write(Array("old".utf8), to: "file", in: full)
            var caught: SystemError?
            do throws(SystemError) {
                try AtomicFile.write([UInt8](repeating: 1, count: 1 << 20), to: "file", in: full)
            } catch {
                caught = error
            }
            return (caught, try directory.text("full/file"), try directory.names("full"))
        }
        #expect(error?.number == ENOSPC)
        #expect(text == "old")
        #expect(names == ["file"])
    }

    @Test func manyWritersLeaveOneWholeContent() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask { [directory] in
                    try await onThread {
                        for round in 0..<25 {
                            let bytes = [UInt8](repeating: UInt8(writer * 25 + round), count: 10_000)
                            try AtomicFile.write(bytes, to: "file", in: directory.descriptor)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        let bytes = try directory.read("file")
        #expect(bytes.count == 10_000)
        #expect(Set(bytes).count == 1)
        #expect(try directory.names() == ["file"])
    }
}
