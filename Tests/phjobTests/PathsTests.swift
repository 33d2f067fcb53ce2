import PhjobCore
import Testing

@testable import phjob

@Suite struct PathsTests {
    private static func paths(_ environment: [String: String], ours: Set<String> = []) throws -> Paths {
        try Paths(environment: environment, uid: 1000, home: "/home/a", workingDirectory: "/work") { ours.contains($0) }
    }

    @Test func defaultsFollowTheBaseDirectorySpecification() throws {
        let paths = try Self.paths([:])
        #expect(paths.state == "/home/a/.local/state/phjob")
        #expect(paths.catalogue == "/home/a/.config/phjob/config.json")
        #expect(paths.socket == "/home/a/.local/state/phjob/phjob.sock")
        #expect(paths.volumes == "/home/a/.local/share/phjob/volumes")
        let moved = try Self.paths([
            "XDG_STATE_HOME": "/s", "XDG_CONFIG_HOME": "relative", "XDG_DATA_HOME": "/d/", "HOME": "/h",
        ])
        #expect(moved.state == "/s/phjob")
        #expect(moved.catalogue == "/h/.config/phjob/config.json")
        #expect(moved.volumes == "/d/phjob/volumes")
    }

    @Test func ownVariablesWin() throws {
        let paths = try Self.paths(
            ["PHJOB_STATE": "./st//x/", "PHJOB_CONFIG": "c.json", "XDG_RUNTIME_DIR": "/run/user/1000"],
            ours: ["/run/user/1000"])
        #expect(paths.state == "/work/st/x")
        #expect(paths.catalogue == "/work/c.json")
        #expect(paths.socket == "/work/st/x/phjob.sock")
        #expect(try Self.paths(["PHJOB_SOCKET": "/s", "PHJOB_STATE": "/x"]).socket == "/s")
    }

    @Test func aRuntimeDirectoryIsUsedIfItIsOurs() throws {
        #expect(
            try Self.paths(["XDG_RUNTIME_DIR": "/run/user/7"], ours: ["/run/user/7"]).socket == "/run/user/7/phjob.sock"
        )
        #expect(
            try Self.paths(["XDG_RUNTIME_DIR": "/run/user/7"], ours: ["/run/user/1000"]).socket
                == "/run/user/1000/phjob.sock")
        #expect(
            try Self.paths(["XDG_RUNTIME_DIR": "/run/user/7"]).socket == "/home/a/.local/state/phjob/phjob.sock")
    }

    @Test func withoutAHomeItIsTold() throws {
        #expect(throws: PhjobError.self) {
            try Paths(environment: [:], uid: 1, home: nil, workingDirectory: "/") { _ in false }
        }
        let paths = try Paths(
            environment: ["PHJOB_STATE": "/s", "PHJOB_CONFIG": "/c"], uid: 1, home: nil, workingDirectory: "/"
        ) { _ in false }
        #expect(paths.volumes == "/s/phjob/volumes")
    }

    @Test func aSocketPathThatIsTooLongIsTold() throws {
        try Paths.checkSocket("/" + String(repeating: "x", count: 106))
        let error = #expect(throws: PhjobError.self) { try Paths.checkSocket("/" + String(repeating: "x", count: 107)) }
        #expect(error?.message.contains("has 108 bytes; at most 107") == true)
    }

    /// Not below `/tmp`, where another user could have taken the name first.
    @Test(arguments: [(true, "/run/user/7/phjob.sock"), (false, "$HOME/.phjob.sock")])
    func aPlaceOfOnesOwnIsSuggested(_ hasRuntimeDirectory: Bool, _ place: String) {
        let path = "/" + String(repeating: "x", count: 107)
        let error = #expect(throws: PhjobError.self) {
            try Paths.checkSocket(path, uid: 7) { hasRuntimeDirectory && $0 == "/run/user/7" }
        }
        #expect(error?.hint?.hasSuffix("such as \(place)") == true && error?.hint?.contains("/tmp") == false)
    }
}
