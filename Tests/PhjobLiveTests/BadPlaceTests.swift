import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// A set-up that cannot work is refused at once, and nothing is started. Engines have no part in that, so one will do.
@Suite struct BadPlaceTests {
    private static func check(_ phjob: LivePhjob, _ words: String..., extra: [String: String] = [:]) throws {
        let submitted = try phjob("submit", "--", "true", extra: extra)
        #expect(submitted.status == 1)
        #expect(words.filter { !submitted.errors.contains($0) } == [], "\(submitted.errors)")
        #expect(submitted.errors.hasPrefix("phjob: "))
        #expect(submitted.bytes.isEmpty)
        #expect(try phjob("run", "--", "true", extra: extra).status == 125)
        #expect(phjob.runner == nil)
    }

    /// All that is wrong is told at once, each with its place.
    @Test(arguments: LiveEngine.all.prefix(1)) func catalogue(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { _, catalogue in
            catalogue.volume = "relative"
            catalogue.instanceTypes += [
                LiveCatalogue.instanceType("small", cpus: 1, memory: "1G"),
                LiveCatalogue.instanceType("a/b", cpus: 0, memory: "-5M"),
                LiveCatalogue.instanceType("large", cpus: 1e300, memory: "99999999999T"),
            ]
            catalogue.images += [
                LiveCatalogue.image("option", "--privileged", pullPolicy: "never"),
                LiveCatalogue.image("other", "x", pullPolicy: "often"),
            ]
            catalogue.datasets = [
                LiveCatalogue.dataset("colon", "/srv/a:b"), LiveCatalogue.dataset("comma", "/srv/a,b"),
                LiveCatalogue.dataset("up", "/srv/../etc"), LiveCatalogue.dataset("root", "/"),
                LiveCatalogue.dataset("etc", "/etc/ssl"),
            ]
            catalogue.limits["network"] = .string("host")
            catalogue.limits["colour"] = .string("red")
        } _: { phjob in
            try Self.check(
                phjob, "groups[0].volume", "'relative' is not absolute", "instanceTypes[3].name", "already the name of",
                "instanceTypes[4].name", "instanceTypes[4].cpuLimit", "instanceTypes[4].memoryLimit",
                "instanceTypes[5].cpuLimit", "instanceTypes[5].memoryLimit", "images[3].url",
                "'--privileged' begins with '-'",
                "images[4].pullPolicy", "datasets[0].path", "datasets[1].path", "datasets[2].path", "datasets[3].path",
                "datasets[4].path", "limits.network", "limits.colour")
        }
    }

    @Test(arguments: LiveEngine.all.prefix(1)) func catalogueThatIsNoCatalogue(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            for text in ["", "{", "{ \"groups\": [\n{ \"name\" \"lab\" } ] }", "[]", "null"] {
                try phjob.directory.write(text, to: "config.json")
                try Self.check(phjob, phjob.directory("config.json"))
            }
        }
    }

    @Test(arguments: LiveEngine.all.prefix(1)) func noCatalogue(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            unlink(phjob.directory("config.json"))
            try Self.check(phjob, "phjob init")
        }
    }

    @Test(arguments: LiveEngine.all.prefix(1)) func stateDirectory(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let directory = phjob.directory
            try Self.check(phjob, "/proc/phjob", "PHJOB_STATE", extra: ["PHJOB_STATE": "/proc/phjob"])
            try directory.write("", to: "file")
            try Self.check(phjob, directory("file"), "PHJOB_STATE", extra: ["PHJOB_STATE": directory("file")])
            try Self.check(phjob, directory("a,b"), "','", extra: ["PHJOB_STATE": directory("a,b")])
            try Directory.create(directory("open"))
            try #require(chmod(directory("open"), 0o777) == 0)
            try Self.check(phjob, directory("open"), "chmod 700", extra: ["PHJOB_STATE": directory("open")])
        }
    }

    @Test(
        .enabled(if: HostProcess.isRoot, "only root can give a directory to somebody else"),
        arguments: LiveEngine.all.prefix(1))
    func stateDirectoryOfSomebodyElse(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            try Directory.create(phjob.directory("other"))
            try #require(chown(phjob.directory("other"), 12_345, 12_345) == 0)
            try Self.check(phjob, "another user (uid 12345)", extra: ["PHJOB_STATE": phjob.directory("other")])
        }
    }

    @Test(arguments: LiveEngine.all.prefix(1)) func socket(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let long = phjob.directory(String(repeating: "x", count: 100))
            try Self.check(phjob, "\(long.utf8.count) bytes", "PHJOB_SOCKET", extra: ["PHJOB_SOCKET": long])
            let missing = phjob.directory("missing/phjob.sock")
            try Self.check(phjob, missing, extra: ["PHJOB_SOCKET": missing])
        }
    }

    /// What a volume or dataset leads to is looked at when a job asks for it.
    @Test(arguments: LiveEngine.all.prefix(1)) func datasetThatIsMissing(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob, catalogue in
            catalogue.datasets = [LiveCatalogue.dataset("gone", phjob.directory("gone"))]
        } _: { phjob in
            let result = try phjob("submit", "--", "true")
            #expect(result.status == 1)
            #expect(result.errors.contains(phjob.directory("gone")))
            #expect(result.errors.contains("no such file or directory"))
            #expect(try phjob.jobs().isEmpty)
            // What was missing is not made.
            #expect(phjob.directory.status("gone") == nil)
        }
    }
}
