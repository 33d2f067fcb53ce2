import Foundation
import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobSystem
import PhjobTestSupport
import Testing

/// What people with accounts of their own try on a server for everybody.
@Suite(.serialized, .enabled(if: HostProcess.isRoot, "only root can serve everybody"))
struct HostilePeopleSerialTests {
    /// A link, or a directory that others may write to, on the way to a volume: whoever owns it could have anything mounted.
    @Test func waysToVolumes() async throws {
        guard let engine = LiveEngine.all.first else { return }
        try await LiveServer.with(engine) { server in
            let place = server.directory
            let ana = server.ana
            let refusal = { (what: String) throws in
                let output = try server(ana, "submit", "--group", "private", "--", "true")
                #expect(output.status == 1, "\(what)")
                #expect(output.errors.contains("is not safe to mount"), "\(what): \(output.errors)")
                return output.errors
            }
            // Of the volume itself its owner may do what they like, but not put another in its place.
            rename(place("private"), place("private.real"))
            symlink("/etc", place("private"))
            let shown = try server(ana, "submit", "--group", "private", "--", "true")
            #expect(shown.status == 1 && shown.errors.contains("would show /etc to jobs"), "\(shown.errors)")
            unlink(place("private"))
            symlink(place("private.real"), place("private"))
            #expect(try refusal("a link").contains("is a symbolic link"))
            unlink(place("private"))
            rename(place("private.real"), place("private"))
            chmod(place.path, 0o775)
            #expect(try refusal("a directory of others").contains("can be written by others"))
            chmod(place.path, 0o755)
            chown(place.path, ana.uid, 0)
            #expect(try refusal("a directory of hers").contains("belongs to uid \(ana.uid)"))
            chown(place.path, 0, 0)

            // The same between the submission and the start: a job that waits is looked at again.
            try #require(try server.root("drain", "--reason", "test").status == 0)
            let id = try server.submit(ana, "cat /project/private/shadow", group: "private")
            rename(place("private"), place("private.real"))
            symlink("/etc", place("private"))
            try #require(try server.root("resume").status == 0)
            let job = try server.end(ana, id)
            #expect(job.phase == .failed && job.reason == .containerFailed && job.startTime == nil, "\(job.message)")
            unlink(place("private"))
            rename(place("private.real"), place("private"))
        }
    }

    /// Links in a volume and in the home lead to places of the container, never of the host.
    @Test(arguments: LiveEngine.all) func linksInVolumes(_ engine: LiveEngine) async throws {
        try await LiveServer.with(engine) { server in
            let secret = "/srv/phjob-secret-\(server.ana.name)"
            try Data("host secret".utf8).write(to: URL(fileURLWithPath: secret))
            defer { unlink(secret) }
            let script = """
                ln -s '\(secret)' /project/lab/link; ln -s /etc/shadow ~/link; ln -s ../../../../../../../etc /project/lab/up
                cat /project/lab/link ~/link 2>/dev/null; ls '\(server.directory.path)' 2>/dev/null
                cat /project/lab/up/hostname; echo; echo end
                """
            let id = try server.submit(server.ana, script)
            #expect(try server.end(server.ana, id).phase == .succeeded)
            let text = try server(server.ana, "logs", id.text).text
            #expect(!text.contains("host secret") && text.hasSuffix("end\n"), "\(text)")
            #expect(!text.contains(ProcessInfo.processInfo.hostName + "\n"), "the container's own /etc: \(text)")
            // Nothing that a link led to was touched when the job's home was removed.
            #expect(access(secret, F_OK) == 0 && access("/etc/shadow", F_OK) == 0)
        }
    }

    /// Names with which one could climb, end a field, or be an option.
    @Test func namesThatAreNoNames() async throws {
        guard let engine = LiveEngine.all.first else { return }
        try await LiveServer.with(engine) { server in
            let bad = [
                "..", "../lab", "lab/../../etc", "/etc", "-rf", "--privileged", "lab\n", "l\u{0}ab", "ｌab",
                "lab\u{202e}", "",
                String(repeating: "a", count: 5000), "lab:ro", "lab,dst=/", "$(id)", ";id",
            ]
            let client = RawClient(server)
            for name in bad {
                for member in ["groupName", "instanceType", "image"] {
                    var body: [String: JSONValue] = ["groupName": .string("lab"), "command": .string("true")]
                    body[member] = .string(name)
                    let answer = try client.request("POST", "/v1/jobs", JSONBody.encode(JSONValue.object(body)))
                    #expect((400..<500).contains(answer.status), "\(member) \(name): \(answer.body)")
                }
                // In a path: percent-encoded, so that all of it arrives.
                let path = name.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                for target in ["/v1/jobs/\(path)", "/v1/jobs/\(path)/logs"] {
                    let answer = try client.request("GET", target)
                    #expect((400..<500).contains(answer.status), "\(target): \(answer.body)")
                }
            }
            // What a request says of its sender counts for nothing: such members are not known.
            for member in ["userName", "uid", "user", "userId", "groupId"] {
                let body: JSONValue = .object([
                    "groupName": .string("lab"), "command": .string("true"), member: .string("root"),
                ])
                let answer = try client.request("POST", "/v1/jobs", JSONBody.encode(body))
                #expect(answer.status == 400 && answer.body.contains("\(member): is not known here"), "\(answer.body)")
            }
            for header in ["X-Forwarded-User: root", "Authorization: Basic cm9vdDo=", "From: root"] {
                let answer = try client.request("POST", "/v1/drain", Array(#"{"reason":"x"}"#.utf8), header: header)
                #expect(answer.status == 403, "\(answer.body)")
            }
            #expect(try server.root("list", "--all", "--quiet").text.isEmpty)
            #expect(try server.directory.names("state/jobs").isEmpty)
        }
    }

    /// Images that are in no catalogue: only those that the group is allowed, by their whole reference.
    @Test func imagesByPattern() async throws {
        guard let engine = LiveEngine.all.first else { return }
        let allowed = LiveEngine.image
        try await LiveServer.with(engine) { members in
            guard case .array(var groups) = members["groups"], case .object(var lab) = groups[0] else { return }
            lab["allowAnyImage"] = .array([.string(allowed), .string("localhost:1/team/*")])
            groups[0] = .object(lab)
            members["groups"] = .array(groups)
        } _: { server in
            let id = try server.submit(server.ana, "echo from outside the catalogue", "--image", allowed)
            let job = try server.end(server.ana, id)
            #expect(job.phase == .succeeded && job.image == allowed, "\(job.message)")
            for image in ["docker.io/library/debian", "localhost:1/other/x", "--privileged", "localhost:1/team/../x"] {
                let output = try server(server.ana, "submit", "--group", "lab", "--image=\(image)", "--", "true")
                #expect(output.status == 1 && output.errors.contains("there is no image"), "\(output.errors)")
            }
            // Allowed, and not there: the job says so, and nothing of it is taken for an option.
            let absent = try server.submit(server.ana, "true", "--image", "localhost:1/team/absent:latest")
            #expect(try server.end(server.ana, absent).reason == .imageUnavailable)
            let others = try server(server.ben, "submit", "--group", "private", "--image", allowed, "--", "true")
            #expect(others.errors.contains("there is no image"))
        }
    }

    @Test(arguments: LiveEngine.all) func whoWritesTooMuch(_ engine: LiveEngine) async throws {
        let image = "localhost/phjob/test-scratch-\(UInt32.random(in: 0 ... .max)):latest"
        try await onThread { try Self.makeOpenImage(image, engine) }
        defer { _ = try? engine.call("rmi", "--force", image) }
        try await LiveServer.with(engine) { members in
            members["limits"] = .object([
                "network": .string("none"), "stopGraceSeconds": .integer(1), "scratchMaxSize": .string("8M"),
            ])
            members["images"] = .array([
                LiveCatalogue.image("minimal", LiveEngine.image, pullPolicy: "never"),
                LiveCatalogue.image("open", image, pullPolicy: "never"),
            ])
        } _: { server in
            // Also where no path leads to it any more, in what belongs to the image, and in a volume that it declares.
            let scripts =
                ["/home/jovyan", "/tmp", "/var/tmp", "/run/lock", "/cache"].map { "exec 5>\($0)/big" }
                + ["exec 5>/home/jovyan/big && rm /home/jovyan/big", "exec 5>/run/lock/big && rm /run/lock/big"]
            let ids = try scripts.map {
                try server.submit(
                    server.ana, "\($0) && dd if=/dev/zero bs=1M count=32 >&5 2>/dev/null; sleep 3600", "--image", "open"
                )
            }
            for (script, id) in zip(scripts, ids) {
                let job = try server.end(server.ana, id)
                #expect(job.phase == .failed && job.reason == .scratchLimitExceeded, "\(script): \(job.message)")
                #expect(job.message.contains("more than the 8M"))
            }
            // On its group's volume it may, and little files elsewhere are no harm.
            let script =
                "dd if=/dev/zero of=/project/lab/big bs=1M count=32 2>/dev/null; echo x >/tmp/x; sleep 2; echo end"
            let id = try server.submit(server.ana, script)
            #expect(try server.end(server.ana, id).phase == .succeeded)
            #expect(try server(server.ana, "logs", id.text).text == "end\n")
        }
    }

    /// An image with directories that everybody may write to, as many have.
    private static func makeOpenImage(_ image: String, _ engine: LiveEngine) throws {
        let container = "phjob-test-\(UInt32.random(in: 0 ... .max))"
        let script = "mkdir -p /run/lock /cache && chmod 1777 /run/lock /cache"
        let made = try engine.call(
            "run", "--name=\(container)", "--network=none", "--entrypoint=/bin/sh", LiveEngine.image, "-c", script)
        defer { _ = try? engine.call("rm", "--force", container) }
        try #require(made.status == 0, "\(made.errors)")
        let committed = try engine.call("commit", "--change=VOLUME /cache", container, image)
        try #require(committed.status == 0, "\(committed.errors)")
    }

    /// One user with as many requests that wait as they can make: everybody else is answered as always.
    @Test func aUserWhoTakesAllPlaces() async throws {
        guard let engine = LiveEngine.all.first else { return }
        try await LiveServer.with(engine, weight: 4) { members in
            members["limits"] = .object([
                "network": .string("none"),
                "perUser": .object(["connections": .integer(12), "streams": .integer(6), "waitingJobs": .integer(3)]),
            ])
        } _: { server in
            let (ana, eve) = (server.ana, server.eve)
            try #require(try server.root("drain", "--reason", "test").status == 0)
            let ids = try (0..<3).map { _ in try server.submit(eve, "true", group: "others") }
            let tooMany = try server(eve, "submit", "--group", "others", "--", "true")
            #expect(tooMany.status == 1 && tooMany.errors.contains("3 jobs of \(eve.name) wait already; at most 3 may"))
            let waits = try (0..<40).map { number in
                try ReapedProcess(
                    server.command(eve, ["wait", ids[number % 3].text]), log: server.directory("waits.log"))
            }
            defer { for wait in waits { wait.signal(SIGKILL) } }
            let client = RawClient(server, uid: eve.uid)
            try LivePhjob.poll("all of eve's places are taken") {
                let answer = try client.request("GET", "/v1/wait?job=@&timeout=1")
                return answer.status == 429 || answer.status == 503
            }
            let clock = ContinuousClock()
            let times = try (0..<10).map { _ in
                let begin = clock.now
                try #require(try server(ana, "list").status == 0)
                return begin.duration(to: clock.now)
            }
            #expect(times.sorted()[5] < .seconds(10), "\(times)")
            let id = try server.submit(ana, "true")
            #expect(try server.get(ana, id).phase == .pending)
            try #require(try server.root("resume").status == 0)
            #expect(try server.end(ana, id).phase == .succeeded)
            for wait in waits { try wait.waitForEnd() }
        }
    }
}
