import PhjobCore
import PhjobRunner
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
            isDirectory: { $0 == "/srv/a" })
        #expect(
            texts == [
                "group 'a': there is no user 'ben' on this machine",
                "group 'b': there is no Unix group 'none' on this machine, so nobody belongs to it by that",
                "group 'b': its volume /srv/b is no directory; its jobs are refused",
                "group 'c' has neither users nor a unixGroup",
                "dataset 'd': /srv/d is no directory; jobs that would see it are refused",
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
}
