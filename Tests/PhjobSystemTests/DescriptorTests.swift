import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

/// Files and directories by descriptor.
@Suite struct DescriptorTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test func everyDescriptorIsClosedInChildren() throws {
        try directory.write("x", to: "file")
        let descriptors = [
            try Descriptor(opening: directory("file"), flags: O_RDONLY),
            try Descriptor(opening: "file", in: directory.descriptor, flags: O_RDONLY),
            try Directory.open(directory.path), try Wakeup().descriptor, try FileWatch().descriptor,
        ]
        for descriptor in descriptors { #expect(fcntl(descriptor.number, F_GETFD) & FD_CLOEXEC != 0) }
    }

    @Test func lastReferenceClosesTheDescriptor() throws {
        let path = try directory.write("x", to: "file")
        func count() throws -> Int { try HostProcess.descriptors().values.count { $0 == path } }
        do {
            let first = try Descriptor(opening: path, flags: O_RDONLY)
            let second = first
            #expect(try count() == 1)
            withExtendedLifetime((first, second)) {}
        }
        #expect(try count() == 0)
    }

    @Test func linkWithinADirectoryIsNotFollowed() throws {
        try directory.write("x", to: "file")
        symlink("file", directory("link"))
        symlink(".", directory("here"))
        let error = #expect(throws: SystemError.self) {
            try Descriptor(opening: "link", in: directory.descriptor, flags: O_RDONLY)
        }
        #expect(error?.number == ELOOP)
        #expect(throws: SystemError.self) { try Directory.open(directory("here")) }
    }

    @Test func readingStopsAtItsLimit() throws {
        try directory.write([UInt8](repeating: 7, count: 100_000), to: "file")
        func read(_ limit: Int) throws -> [UInt8] {
            try Descriptor(opening: directory("file"), flags: O_RDONLY).readAll(limit: limit)
        }
        #expect(try read(100_000).count == 100_000)
        let error = #expect(throws: SystemError.self) { try read(99_999) }
        #expect(error?.number == EFBIG)
    }

    @Test func errorNamesTheFileAndTheReason() {
        let error = #expect(throws: SystemError.self) { try Descriptor(opening: "/nonexistent/x", flags: O_RDONLY) }
        #expect(error?.description == "cannot open /nonexistent/x: no such file or directory")
    }

    @Test func missingDirectoriesAreMade() throws {
        try Directory.create(directory("a/b/c"))
        try Directory.create(directory("a/b/c"))
        #expect(directory.mode("a") == 0o700)
        #expect(directory.mode("a/b/c") == 0o700)
        try directory.write("", to: "file")
        let error = #expect(throws: SystemError.self) { try Directory.create(directory("file/x")) }
        #expect(error?.number == ENOTDIR)
    }

    @Test func namesAreListedAgainAndAgain() throws {
        for number in 0..<500 { try directory.write("", to: "\(number)") }
        for _ in 0..<2 {
            #expect(try Set(Directory.names(in: directory.descriptor)) == Set((0..<500).map(String.init)))
        }
    }

    @Test func spaceIsThatOfTheFileSystem() throws {
        let space = try Directory.space(at: directory.path)
        #expect(space.free > 0)
        #expect(space.free <= space.total)
        #expect(throws: SystemError.self) { try Directory.space(at: "/nonexistent") }
    }
}
