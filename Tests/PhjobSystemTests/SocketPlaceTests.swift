import Glibc
import PhjobTestSupport
import Testing

@testable import PhjobSystem

/// Where a socket is safe from other users, and what may be talked to.
struct SocketPlaceTests {
    @Test func directoriesThatOthersCanWriteTo() {
        let problem = { (owner: uid_t, mode: mode_t) in SocketPlace.problem(owner: owner, mode: mode, for: 1000) }
        for mode: mode_t in [0o700, 0o755, 0o775, 0o1777, 0o2770] {
            #expect(problem(1000, mode) == nil && problem(0, mode) == nil, "\(mode)")
            #expect(problem(1001, mode) == "belongs to uid 1001")
        }
        #expect(problem(1000, 0o777) == "can be written by everybody" && problem(0, 0o702) != nil)
    }

    @Test func aDirectoryOfThisUsers() throws {
        let directory = try TemporaryDirectory()
        #expect(SocketPlace.problem(in: directory.path) == nil && SocketPlace.problem(in: directory("none")) == nil)
        chmod(directory.path, 0o777)
        #expect(
            SocketPlace.problem(in: directory.path)?.hasSuffix("\(directory.path) can be written by everybody") == true)
        #expect(SocketPlace.directoryOwner(of: directory("s")) == geteuid())
        #expect(SocketPlace.directory(of: "/run/x/s") == "/run/x" && SocketPlace.directory(of: "/s") == "/")
    }

    @Test func whoMayServe() {
        let trusts = { SocketPlace.isTrusted(server: $0, client: $1, directoryOwner: $2) }
        #expect(trusts(1000, 1000, nil) && trusts(0, 1000, nil) && trusts(0, 0, nil))
        #expect(!trusts(1001, 1000, nil) && !trusts(1001, 1000, 1001) && !trusts(65534, 1000, 65534))
        // Root in the place of a user, but not at a name in /tmp that anybody could have taken.
        #expect(trusts(1000, 0, 1000) && !trusts(1000, 0, 0) && !trusts(1000, 0, nil))
    }

    @Test func onlyAPathWhereNothingListensIsFree() throws {
        let directory = try TemporaryDirectory()
        let path = directory("s")
        #expect(!UnixSocket.isServed(path) && !UnixSocket.isServed(directory("none/s")))
        var listener: Descriptor? = try UnixSocket.listen(at: path, backlog: 0)
        #expect(UnixSocket.isServed(path))
        // Its queue is full, and it still is.
        var waiting: [Descriptor] = []
        for _ in 0..<4 where UnixSocket.isServed(path) {
            let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            waiting.append(Descriptor(owning: socket(AF_UNIX, type, 0)))
        }
        #expect(UnixSocket.isServed(path) && waiting.count == 4)
        let file = try #require(UnixSocket.File(at: path))
        withExtendedLifetime(listener) {}
        listener = nil
        #expect(!UnixSocket.isServed(path))
        let (other, second) = try UnixSocket.listening(at: path)
        #expect(second == UnixSocket.File(at: path) && second != file)
        file.remove(at: path)
        #expect(directory.status("s") != nil)
        second.remove(at: path)
        #expect(directory.status("s") == nil)
        withExtendedLifetime(other) {}
    }
}
