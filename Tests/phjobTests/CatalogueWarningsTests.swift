import Glibc
import PhjobCore
import PhjobRunner
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import phjob

struct CatalogueWarningsTests {
    @Test func whatTheMachineDoesNotHave() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(
            """
            {"groups": [{"name": "a", "users": ["ana", "ben"], "unixGroup": "lab", "volume": "/srv/a"},
                        {"name": "b", "unixGroup": "none", "volume": "/srv/b"}, {"name": "c"}],
             "datasets": [{"name": "d", "path": "/srv/d"}, {"name": "e", "path": "/srv/a"}]}
            """, to: "config.json")
        let texts = CatalogueWarnings.texts(
            try CatalogueFile.load(path), isUser: { $0 == "ana" }, isUnixGroup: { $0 == "lab" },
            problem: { path, _ in path == "/srv/a" ? nil : "\(path) is not a directory" })
        #expect(
            texts == [
                "group 'a': there is no user 'ben' on this machine",
                "group 'b': there is no Unix group 'none' on this machine, so nobody belongs to it by that",
                "group 'b': its volume cannot be used: /srv/b is not a directory; its jobs are refused, or wait for it",
                "group 'c' has neither users nor a unixGroup",
                "dataset 'd' cannot be used: /srv/d is not a directory; jobs that would see it are refused, or wait",
            ])
    }

    @Test func aWarningIsNoFailure() throws {
        let world = try TestWorld()
        let directory = try TemporaryDirectory()
        let path = try directory.write(
            #"{"groups": [{"name": "a", "users": ["no-such-user-here", "root"], "unixGroup": "root"}]}"#, to: "c.json")
        #expect(try world.run("catalogue check \(path)") == 0)
        #expect(world.output.text.contains("valid (1 group"))
        #expect(
            world.errors.text == "phjob: warning: group 'a': there is no user 'no-such-user-here' on this machine\n")
    }

    /// Jobs get the file systems below too, so the administrator is told of them.
    @Test(.enabled(if: HostProcess.isRoot, "mounting needs root"))
    func whatIsMountedBelowIsSaid() throws {
        let world = try TestWorld()
        let directory = try TemporaryDirectory()
        try Directory.create(directory("data/disk"))
        try #require(try HostProcess.shell("mount -t tmpfs phjob-test \(directory("data/disk"))").isSuccess)
        defer { umount2(directory("data/disk"), Int32(MNT_DETACH)) }
        let path = try directory.write(
            """
            {"groups": [{"name": "a", "users": ["root"]}], "datasets": [
                {"name": "d", "path": "\(directory("data"))"},
                {"name": "e", "path": "\(directory("data/disk"))", "mustBeMounted": true},
                {"name": "f", "path": "\(directory("data"))", "mustBeMounted": true}
            ]}
            """, to: "c.json")
        #expect(try world.run("catalogue check \(path)") == 0)
        let text =
            "jobs also see what is mounted below the dataset 'd', read-only as it is: \(directory("data/disk"))\n"
        #expect(world.output.text.contains(text))
        #expect(!world.output.text.contains("'e'"))
        #expect(
            world.errors.text == "phjob: warning: dataset 'f' cannot be used: \(directory("data")) is not mounted; "
                + "jobs that would see it are refused, or wait\n")
    }
}
