import Glibc
import PhjobTestSupport
import Testing

@testable import PhjobSystem

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

    @Test func filesThatOnlyRootCanReplace() throws {
        try withTree { directory in
            let path = try directory.write("", to: "a/b/file", mode: 0o755)
            let isRoots = { SecurePath.isRoots(path, try #require(directory.status("a/b/file"))) }
            #expect(try isRoots())
            try directory.write("", to: "a/b/other")
            #expect(SecurePath.isRoots(path, try #require(directory.status("a/b/other"))) == false)
            for (name, mode) in [("a/b/file", 0o775), ("a/b", 0o1777), ("a", 0o757)] as [(String, mode_t)] {
                let before = try #require(directory.mode(name))
                chmod(directory(name), mode)
                #expect(try !isRoots(), "\(name)")
                chmod(directory(name), before)
            }
            for name in ["a/b/file", "a/b"] {
                chown(directory(name), 1234, 0)
                #expect(try !isRoots(), "\(name)")
                chown(directory(name), 0, 0)
            }
            #expect(try isRoots())
        }
    }
}
