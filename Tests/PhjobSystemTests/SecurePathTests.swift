import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

@Suite(.enabled(if: HostProcess.isRoot, "only root owns what is safe")) struct SecurePathTests {
    private func withTree(_ body: (TemporaryDirectory) throws -> Void) throws {
        let directory = try TemporaryDirectory(in: "/srv")
        try Directory.create(directory("a/b/c"), mode: 0o755)
        try body(directory)
    }

    @Test func whatOnlyRootCanChange() throws {
        try withTree { directory in
            #expect(SecurePath.problem(at: directory("a/b/c")) == nil)
            // The directory itself may be anybody's.
            chown(directory("a/b/c"), 1234, 1234)
            chmod(directory("a/b/c"), 0o2775)
            #expect(SecurePath.problem(at: directory("a/b/c")) == nil)
            #expect(SecurePath.problem(at: "/") == nil)
        }
    }

    @Test func whatSomebodyElseCouldChange() throws {
        try withTree { directory in
            chown(directory("a/b"), 1234, 0)
            #expect(SecurePath.problem(at: directory("a/b/c"))?.contains("/a/b belongs to uid 1234") == true)
            chown(directory("a/b"), 0, 0)
            for mode: mode_t in [0o775, 0o757, 0o1777] {
                chmod(directory("a"), mode)
                #expect(SecurePath.problem(at: directory("a/b/c"))?.contains("/a can be written by others") == true)
            }
        }
        #expect(SecurePath.problem(at: "/tmp/anything")?.contains("/tmp can be written by others") == true)
    }

    @Test func linksAndOddPaths() throws {
        try withTree { directory in
            symlink(directory("a"), directory("link"))
            symlink("b", directory("a/last"))
            try directory.write("", to: "a/file")
            #expect(SecurePath.problem(at: directory("link/b/c"))?.contains("/link is a symbolic link") == true)
            #expect(SecurePath.problem(at: directory("a/last"))?.contains("/a/last is a symbolic link") == true)
            #expect(SecurePath.problem(at: directory("a/file"))?.contains("is not a directory") == true)
            #expect(SecurePath.problem(at: directory("a/none")) != nil)
            for path in ["relative", "", "\(directory.path)/a/../a", "\(directory.path)/./a"] {
                #expect(SecurePath.problem(at: path)?.contains("is not written out") == true)
            }
        }
    }

    @Test func theSizeOfATree() throws {
        let directory = try TemporaryDirectory()
        try Directory.create(directory("t/a/b"))
        let empty = try TreeSize.measure("t", in: directory.descriptor)
        try directory.write([UInt8](repeating: 1, count: 1 << 20), to: "t/a/b/file")
        try directory.write([UInt8](repeating: 1, count: 1 << 20), to: "t/file")
        try directory.write([UInt8](repeating: 1, count: 4 << 20), to: "outside")
        symlink(directory("outside"), directory("t/link"))
        symlink("/", directory("t/a/root"))
        let size = try TreeSize.measure("t", in: directory.descriptor) - empty
        #expect((2 << 20...(2 << 20) + 65_536).contains(size), "\(size)")
        #expect(try TreeSize.measure("none", in: directory.descriptor) == 0)
        // A file full of holes is as large as its blocks.
        truncate(try directory.write("", to: "t/holes"), 1 << 40)
        #expect(try TreeSize.measure("t", in: directory.descriptor) - empty <= (2 << 20) + 65_536)
        #expect(throws: SystemError.self) { try TreeSize.measure("outside", in: directory.descriptor) }
    }
}
