import Glibc
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

/// Listening and connecting in the file system.
@Suite(.timeLimit(.minutes(30))) struct UnixSocketTests {
    private let directory: TemporaryDirectory
    private var path: String { directory("s") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func accepted(by listener: Descriptor) throws -> Descriptor {
        Descriptor(owning: try retrying("cannot accept") { accept(listener.number, nil, nil) })
    }

    @Test func bytesGoBothWaysAndThePeerIsKnown() throws {
        let listener = try UnixSocket.listen(at: path)
        let client = try UnixSocket.connect(to: path)
        let server = try accepted(by: listener)
        try client.write(Array("ping".utf8))
        var buffer = [UInt8](repeating: 0, count: 4)
        #expect(read(server.number, &buffer, 4) == 4)
        try server.write(Array("pong".utf8))
        #expect(read(client.number, &buffer, 4) == 4)
        #expect(buffer == Array("pong".utf8))
        #expect(try UnixSocket.peer(of: server.number).uid == geteuid())
        #expect(try UnixSocket.peer(of: client.number).uid == geteuid())
    }

    @Test(.enabled(if: HostProcess.isRoot, "becoming another user needs root"))
    func peerIsTheUserWhoConnected() async throws {
        let listener = try UnixSocket.listen(at: path)
        chmod(path, 0o666)
        chmod(directory.path, 0o755)
        let path = path
        await #expect(processExitsWith: .success) { [path = path as String] in
            try #require(setgid(65534) == 0 && setuid(65534) == 0)
            _ = try UnixSocket.connect(to: path)
        }
        let server = try accepted(by: listener)
        #expect(try UnixSocket.peer(of: server.number).uid == 65534)
    }

    @Test func socketIsItsOwnersAlone() throws {
        let listener = try UnixSocket.listen(at: path)
        #expect(directory.mode("s") == 0o600)
        #expect(fcntl(listener.number, F_GETFD) & FD_CLOEXEC != 0)
    }

    @Test func itsModeIsTheOneAskedForWhateverTheUmaskIs() async throws {
        let (directory, path) = (directory, path)
        await #expect(processExitsWith: .success) { [path = path as String] in
            umask(0o077)
            _ = try UnixSocket.listen(at: path, mode: 0o666)
        }
        #expect(directory.mode("s") == 0o666)
    }

    @Test func theSocketIsNeverMissingWhileItIsReplaced() async throws {
        let path = path
        _ = try UnixSocket.listen(at: path)
        let isDone = Atomic(false)
        async let looking = onThread {
            var missing = 0
            repeat {
                if access(path, F_OK) != 0 { missing += 1 }
            } while !isDone.load(ordering: .relaxed)
            return missing
        }
        for _ in 0..<500 { _ = try UnixSocket.listen(at: path) }
        isDone.store(true, ordering: .relaxed)
        #expect(try await looking == 0)
        #expect(try directory.names() == ["s"])
    }

    @Test func whatStandsWhereItIsMadeIsLeftAlone() throws {
        let path = directory("socket")
        try directory.write("precious", to: "socke~")
        let error = #expect(throws: SystemError.self) { try UnixSocket.listen(at: path) }
        #expect(error?.number == EEXIST)
        #expect(try directory.text("socke~") == "precious")
        #expect(directory.status("socket") == nil)
    }

    /// A umask is the whole process's, so another thread's files would get it too.
    @Test func modesOfFilesMadeMeanwhileAreTheirOwn() async throws {
        let (directory, path) = (directory, path)
        async let listening: Void = onThread { for _ in 0..<500 { _ = try UnixSocket.listen(at: path) } }
        let modes = try await onThread {
            (0..<500).map { number in
                mkdir(directory("d\(number)"), 0o700)
                return directory.mode("d\(number)")
            }
        }
        try await listening
        #expect(Set(modes) == [0o700])
    }

    @Test func staleSocketIsReplaced() throws {
        for _ in 0..<3 { _ = try UnixSocket.listen(at: path) }
        let error = #expect(throws: SystemError.self) { try UnixSocket.connect(to: path) }
        #expect(error?.number == ECONNREFUSED)
        let listener = try UnixSocket.listen(at: path)
        _ = try UnixSocket.connect(to: path)
        _ = try accepted(by: listener)
    }

    @Test(arguments: ["file", "directory", "link"])
    func whatIsNoSocketIsLeftAlone(_ kind: String) throws {
        switch kind {
        case "file": try directory.write("precious", to: "s")
        case "directory": mkdir(path, 0o700)
        default: symlink("elsewhere", path)
        }
        let before = directory.status("s")?.st_ino
        let error = #expect(throws: SystemError.self) { try UnixSocket.listen(at: path) }
        #expect(error?.number == EEXIST)
        #expect(directory.status("s")?.st_ino == before)
    }

    @Test func longestPathWorksAndALongerOneIsRefused() throws {
        let rest = UnixSocket.maximumPathLength - directory.path.utf8.count - 1
        let longest = directory(String(repeating: "x", count: rest))
        let listener = try UnixSocket.listen(at: longest)
        _ = try UnixSocket.connect(to: longest)
        _ = try accepted(by: listener)
        for attempt in [{ try UnixSocket.listen(at: longest + "y") }, { try UnixSocket.connect(to: longest + "y") }] {
            let error = #expect(throws: SystemError.self) { try attempt() }
            #expect(error?.number == ENAMETOOLONG)
            #expect(error?.description.contains("107") == true)
        }
        #expect(try directory.names().count == 1)
    }

    @Test func emptyPathIsRefused() {
        #expect(throws: SystemError.self) { try UnixSocket.listen(at: "") }
        #expect(throws: SystemError.self) { try UnixSocket.connect(to: "") }
        #expect(throws: SystemError.self) { try UnixSocket.listen(at: path + "\0x") }
    }

    @Test func missingSocketIsAnErrorThatNamesIt() {
        let error = #expect(throws: SystemError.self) { try UnixSocket.connect(to: path) }
        #expect(error?.number == ENOENT)
        #expect(error?.description.contains(path) == true)
    }
}
