import Foundation
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

/// Removing what somebody else filled.
@Suite(.timeLimit(.minutes(30))) struct TreeRemovalTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func remove(_ name: String = "tree") async throws {
        let parent = directory.descriptor
        try await onThread { try TreeRemoval.remove(name, in: parent) }
    }

    private func shell(_ script: String) async throws {
        let path = directory.path
        let result = try await onThread { try HostProcess.shell("cd \(path) && \(script)") }
        try #require(result.isSuccess, "\(result.errors.text)")
    }

    @Test func missingNameIsNoError() async throws {
        try await remove("missing")
    }

    @Test func fileAndLinkAndPipe() async throws {
        try await shell("echo x > file; ln -s . link; mkfifo pipe; ln -s nowhere dangling")
        for name in ["file", "link", "pipe", "dangling"] { try await remove(name) }
        #expect(try directory.names() == [])
    }

    @Test func treeWithEverythingInIt() async throws {
        try await shell(
            "mkdir -p tree/a/b tree/c; echo x > tree/a/x; ln tree/a/x tree/c/y; mkfifo tree/c/p; ln -s a tree/l")
        try await remove()
        #expect(try directory.names() == [])
    }

    /// Paths of this depth are too long for any call that takes a path.
    @Test func deepTree() async throws {
        let parent = directory.descriptor
        try await onThread {
            var current = parent
            for level in 0..<3000 {
                let name = level == 0 ? "tree" : "a-directory-with-a-long-name"
                try retrying("cannot make level \(level)") { mkdirat(current.number, name, 0o700) }
                current = try Descriptor(opening: name, in: current, flags: O_RDONLY | O_DIRECTORY)
                _ = try Descriptor(opening: "file", in: current, flags: O_CREAT | O_WRONLY)
            }
        }
        try await remove()
        #expect(try directory.names() == [])
    }

    @Test func manyFiles() async throws {
        try await shell(
            "mkdir -p tree/a tree/b; cd tree; seq 5000 | (cd a; xargs touch); seq 5000 | (cd b; xargs touch)")
        try await remove()
        #expect(try directory.names() == [])
    }

    /// The names of a directory are not kept: of these alone 20 MB would be.
    @Test func manyLongNamesTakeNoMemory() async throws {
        let parent = directory.descriptor
        try await onThread {
            mkdirat(parent.number, "tree", 0o700)
            let tree = try Descriptor(opening: "tree", in: parent, flags: O_RDONLY | O_DIRECTORY)
            let end = String(repeating: "x", count: 240)
            for number in 0..<40_000 {
                try retrying("make") { mknodat(tree.number, "\(number)\(end)", S_IFREG | 0o600, 0) }
            }
        }
        let path = directory.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            let parent = try Directory.open(path)
            try TreeRemoval.remove("missing", in: parent)
            let before = try HostProcess.peakMemory()
            try TreeRemoval.remove("tree", in: parent)
            #expect(try HostProcess.peakMemory() - before < 4 << 20)
        }
        #expect(try directory.names() == [])
    }

    /// A process of the owner's that has a directory of the tree open goes on making files in it.
    @Test(.enabled(if: HostProcess.isRoot, "becoming another user needs root"))
    func whoWritesOnIsShutOut() async throws {
        try await shell("mkdir -p tree/deep; chown -R 65534 tree; chmod 755 . tree")
        let writer = ProcessCommand(
            "/usr/bin/setpriv",
            [
                "--reuid=65534", "--clear-groups", "sh", "-c",
                "cd \(directory.path)/tree/deep && i=0 && while : >f$i; do i=$((i+1)); done",
            ],
            environment: ["PATH": "/usr/bin:/bin"])
        let process = try ReapedProcess(writer, log: directory("log"))
        defer { process.signal(SIGKILL) }
        let directory = directory
        try await onThread {
            try blockUntil("it writes") { try directory.names("tree/deep").count > 20 }
            try TreeRemoval.remove("tree", in: directory.descriptor)
            try process.waitForEnd()
        }
        #expect(try directory.names() == ["log"])
    }

    @Test func whatLinksPointToStays() async throws {
        try await shell("mkdir -p tree/sub outside/dir; echo precious > outside/dir/file; chmod 500 outside")
        try await shell("ln -s ../outside tree/dir; ln -s ../../outside/dir/file tree/sub/file; ln -s / tree/root")
        try await remove()
        #expect(try directory.names() == ["outside"])
        #expect(try directory.text("outside/dir/file") == "precious\n")
        #expect(directory.mode("outside") == 0o500)
    }

    @Test func otherLinksOfAFileStay() async throws {
        try await shell("mkdir tree; echo precious > file; ln file tree/file; chmod 400 file")
        try await remove()
        #expect(try directory.text("file") == "precious\n")
        #expect(directory.mode("file") == 0o400)
    }

    /// Linux allows any bytes but `/` and NUL in names.
    @Test func namesThatAreNotUTF8() async throws {
        try await shell(#"mkdir -p "$(printf 'tree/d\377\376')/deep"; echo x > "$(printf 'tree/d\377\376/f\200')""#)
        try await shell(
            #"echo x > "$(printf 'tree/line\nbreak')"; echo x > 'tree/-rf'; mkdir 'tree/ '; echo x > 'tree/ / '"#)
        try await remove()
        #expect(try directory.names() == [])
    }

    /// As a user who may not simply pass everywhere, in a process of its own.
    @Test(.enabled(if: HostProcess.isRoot, "becoming another user needs root"))
    func directoriesThatTheirOwnerClosed() async throws {
        try await shell(
            "mkdir -p tree/none/below tree/list/below tree/enter/below; touch tree/none/f tree/enter/f tree/list/f")
        try await shell(
            "chown -R 65534:65534 tree .; chmod 700 .; chmod 000 tree/none; chmod 400 tree/list; chmod 100 tree/enter")
        try await shell("mkdir outside; chmod 000 outside; chown 65534 outside; ln -s ../outside tree/link")
        let path = directory.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            try #require(setgid(65534) == 0 && setuid(65534) == 0)
            try TreeRemoval.remove("tree", in: Directory.open(path))
        }
        #expect(try directory.names() == ["outside"])
        #expect(directory.mode("outside") == 0)
    }

    /// What cannot be removed is named, and everything else is removed all the same.
    @Test(.enabled(if: HostProcess.isRoot, "mounting needs root"))
    func mountedFileSystemIsNotEmptied() async throws {
        try await shell(
            "mkdir -p tree/a tree/mounted tree/z; touch tree/a/f tree/z/f; mount -t tmpfs phjob-test tree/mounted")
        defer { umount2(directory("tree/mounted"), Int32(MNT_DETACH)) }
        try await shell("echo precious > tree/mounted/file")
        let error = await #expect(throws: SystemError.self) { try await remove() }
        #expect(error?.description.contains("mounted") == true)
        #expect(try directory.text("tree/mounted/file") == "precious\n")
        #expect(try directory.names("tree") == ["mounted"])
        #expect(umount2(directory("tree/mounted"), 0) == 0)
        try await remove()
        #expect(try directory.names() == [])
    }

    /// Somebody who has a directory of the tree open moves it up while it is being emptied, so that `..` leads elsewhere:
    /// in the end out of the tree, to directories of the same names.
    @Test func treeThatIsMovedAboutMeanwhileLosesNothingOutside() async throws {
        let directory = directory
        for name in ["1", "2", "3"] {
            mkdir(directory(name), 0o700)
            try directory.write("precious", to: "\(name)/file")
        }
        let moved = try await onThread {
            for _ in 0..<20 {
                try makeDeepTree(in: directory.descriptor, depth: 1900)
                if try removeWhileMoving(directory) { return true }
            }
            return false
        }
        #expect(moved, "the race was not met")
        for name in ["1", "2", "3"] { #expect(try directory.text("\(name)/file") == "precious") }
        try await remove()
        #expect(try directory.names() == ["1", "2", "3"])
    }
}

/// Makes `tree/0/0/…` with empty directories `1` to `3` on each level, and a file `seen` on level 1100.
private func makeDeepTree(in parent: Descriptor, depth: Int) throws {
    var current = parent
    for level in 0..<depth {
        let name = level == 0 ? "tree" : "0"
        try retrying("cannot make level \(level)") { mkdirat(current.number, name, 0o700) }
        current = try Descriptor(opening: name, in: current, flags: O_RDONLY | O_DIRECTORY)
        for other in ["1", "2", "3"] { mkdirat(current.number, other, 0o700) }
        if level == 1100 { _ = try Descriptor(opening: "seen", in: current, flags: O_CREAT | O_WRONLY) }
    }
}

/// Removes `tree`, and moves its level 1000 to the top as soon as the removal is below it.
///
/// - Returns: whether that was in time; then the removal was given up.
private func removeWhileMoving(_ directory: TemporaryDirectory) throws -> Bool {
    let mover = Mutex<Bool?>(nil)
    let path = { (level: Int) in directory("tree") + String(repeating: "/0", count: level) }
    let (seen, from, to) = (path(1100) + "/seen", path(1000), directory("tree/moved"))
    let thread = Thread {
        while access(seen, F_OK) == 0 {}
        let hasMoved = rename(from, to) == 0
        mover.withLock { $0 = hasMoved }
    }
    thread.start()
    let error = Result { try TreeRemoval.remove("tree", in: directory.descriptor) }
    try blockUntil("the mover has ended") { mover.withLock { $0 } != nil }
    guard mover.withLock({ $0 }) == true, case .failure(let error) = error else {
        try TreeRemoval.remove("tree", in: directory.descriptor)
        return false
    }
    #expect((error as? SystemError)?.number == EBUSY)
    return true
}
