import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// One server, members of two groups and an outsider, all of them real accounts: who sees and may do what.
@Suite(.serialized, .enabled(if: HostProcess.isRoot, "only root can serve everybody"))
struct PeopleSerialTests {
    /// An answer with the ids in it left out, so that answers about different jobs can be compared.
    private static func words(_ output: Output) -> String {
        output.errors.replacing(/job-\d{12}-[0-9a-z]{6}/, with: "<id>") + output.text
    }

    @Test(arguments: LiveEngine.all) func aJobIsItsSubmitters(_ engine: LiveEngine) async throws {
        try await LiveServer.with(engine) { server in
            let script = """
                whoami; id -u; id -g; id -G; echo $PRIMEHUB_USER $PRIMEHUB_GROUP
                echo x >/project/lab/file; stat -c '%u %g' /project/lab/file
                grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status
                chown 0 /project/lab/file 2>/dev/null || echo no chown; mknod /tmp/d c 1 3 2>/dev/null || echo no mknod
                ls -d /run/phjob.sock /run/podman /run/docker.sock /var/run/docker.sock '\(server.directory.path)' 2>/dev/null
                echo end
                """
            // What they say of themselves counts for nothing.
            let claims = ["USER", "LOGNAME", "SUDO_USER", "SUDO_UID"].reduce(into: [:]) { $0[$1] = server.ben.name }
            let output = try server.run(server.ana, ["submit", "--group", "lab", "--", script], extra: claims)
            let id = try #require(JobID(output.text.trimmingCharacters(in: .newlines)), "\(output.errors)")
            let job = try server.end(server.ana, id)
            #expect(job.phase == .succeeded && job.userName == server.ana.name, "\(job.message)")
            let ana = server.ana
            let lines = try server(server.ana, "logs", id.text).lines
            #expect(
                lines == [
                    ana.name, "\(ana.uid)", "\(ana.gid)", "\(ana.gid) \(server.unixGroupID)", "\(ana.name) lab",
                    "\(ana.uid) \(server.unixGroupID)", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000",
                    "NoNewPrivs:\t1", "no chown", "no mknod", "end",
                ])
            let file = try #require(server.directory.status("lab/file"))
            #expect(file.st_uid == ana.uid && file.st_gid == server.unixGroupID && file.st_mode & 0o7000 == 0)
        }
    }

    @Test(arguments: LiveEngine.all) func membersShareAndOutsidersSeeNothing(_ engine: LiveEngine) async throws {
        try await LiveServer.with(engine) { server in
            let (ana, ben, eve) = (server.ana, server.ben, server.eve)
            let secret = try server.submit(ana, "echo the secret; touch /project/lab/told; sleep 3600")
            try LivePhjob.poll("it runs") { server.directory.status("lab/told") != nil }

            #expect(try server.get(ben, secret).userName == ana.name)
            #expect(try server(ben, "list", "--quiet").lines == [secret.text])
            #expect(try server(ben, "logs", secret.text).text == "the secret\n")

            // To an outsider it is like a job that does not exist, in every way of asking.
            let noJob = "job-202001010000-zzzzzz"
            let asking: [[String]] = [
                ["get"], ["get", "--json"], ["logs"], ["logs", "--follow"], ["cancel"], ["rerun"], ["wait"],
                ["set", "--hold"], ["set", "--priority", "5"],
            ]
            for words in asking {
                let real = try server.run(eve, words + [secret.text])
                let none = try server.run(eve, words + [noJob])
                #expect(real.status != 0 && real.status == none.status, "\(words)")
                #expect(Self.words(real) == Self.words(none), "\(words)")
                #expect(Self.words(real).contains("there is no job <id>"), "\(words): \(real.errors)")
            }
            for guess in [String(secret.text.prefix(12)), String(secret.text.suffix(6)), String(secret.text.suffix(3))]
            {
                let output = try server(eve, "get", guess)
                #expect(output.status == 1 && output.errors.contains("no job's id begins with"), "\(output.errors)")
            }
            #expect(try server(eve, "list", "--all", "--quiet").text.isEmpty)
            #expect(try server(eve, "list", "--search", "secret", "--json").text.filter { !$0.isWhitespace } == "[]")
            for group in ["lab", "nobodys"] {
                let output = try server(eve, "list", "--group", group)
                #expect(output.errors.contains("there is no group '\(group)' that \(eve.name) is a member of"))
                let submitted = try server(eve, "submit", "--group", group, "--", "true")
                #expect(submitted.status == 1 && submitted.errors.contains("there is no group '\(group)'"))
            }
            #expect(try !server(eve, "group", "list").text.contains("lab"))
            #expect(try !server(eve, "quota").text.contains("lab"))
            #expect(try !server(eve, "runner", "status").text.contains(secret.text))

            // A colleague may rerun it, as their own, and cancel it.
            let again = try server(ben, "rerun", secret.text)
            let rerun = try #require(JobID(again.text.trimmingCharacters(in: .newlines)), "\(again.errors)")
            #expect(try server.get(ben, rerun).userName == ben.name)
            #expect(try server(ben, "cancel", secret.text).status == 0)
            let cancelled = try server.end(ana, secret)
            #expect(cancelled.phase == .cancelled && cancelled.cancelledBy == ben.name)
            #expect(try server(ana, "cancel", rerun.text).status == 0)

            // Who did what, and what they were told.
            let audit = try server.audit()
            let has = { (who: Person, action: String, job: JobID, answer: String) in
                audit.contains {
                    $0["user"] == .string(who.name) && $0["uid"] == .integer(Int64(who.uid))
                        && $0["action"] == .string(action) && $0["job"] == .string(job.text)
                        && $0["answer"] == .string(answer)
                }
            }
            #expect(has(ana, "submit", secret, "ok") && has(ben, "read-log", secret, "ok"))
            #expect(has(eve, "read-log", secret, "NotFound") && has(eve, "cancel", secret, "NotFound"))
            #expect(has(ben, "rerun", rerun, "ok") && has(ben, "cancel", secret, "ok"))
            #expect(server.directory.mode("state/audit.jsonl") == 0o600)
            #expect(server.directory.mode("state") == 0o700)
        }
    }

    @Test func aGroupMayKeepLogsAndCancelToOwners() async throws {
        guard let engine = LiveEngine.all.first else { return }
        try await LiveServer.with(engine) { server in
            let (ana, ben) = (server.ana, server.ben)
            let id = try server.submit(ana, "echo mine; touch /project/private/told; sleep 3600", group: "private")
            try LivePhjob.poll("it runs") { server.directory.status("private/told") != nil }
            #expect(try server.get(ben, id).userName == ana.name)
            for words in [["logs"], ["cancel"]] {
                let output = try server.run(ben, words + [id.text])
                #expect(output.status == 1 && output.text.isEmpty)
                #expect(output.errors.contains("only \(ana.name) may"), "\(output.errors)")
                #expect(output.errors.contains("group 'private' keeps that to a job's owner"))
            }
            #expect(try server(ana, "logs", id.text).text == "mine\n")
            #expect(try server.root("logs", id.text).text == "mine\n")
            #expect(try server(ana, "cancel", id.text).status == 0)
        }
    }

    /// Who leaves a group loses the right at once, and what they have still waiting does not start with its volume.
    @Test(arguments: LiveEngine.all) func whoLeavesAGroup(_ engine: LiveEngine) async throws {
        try await LiveServer.with(engine) { server in
            let (ana, ben) = (server.ana, server.ben)
            let full = try server.submit(
                ben, "while [ ! -e /project/lab/go ]; do sleep 0.1; done", "--instance-type", "full")
            try server.wait(ben, for: .running, of: full)
            let waiting = try server.submit(ana, "touch /project/lab/started")
            #expect(try server.get(ana, full).userName == ben.name)
            try #require(try HostProcess.shell("gpasswd --delete \(ana.name) \(server.unixGroup)").isSuccess)
            for words in [["get", full.text], ["logs", full.text], ["cancel", full.text], ["rerun", full.text]] {
                let output = try server.run(ana, words)
                #expect(output.status == 1 && output.errors.contains("there is no job"), "\(output.errors)")
            }
            #expect(
                try server(ana, "submit", "--group", "lab", "--", "true").errors.contains("there is no group 'lab'"))
            try server.directory.write("", to: "lab/go", mode: 0o644)
            let job = try server.end(ana, waiting)
            #expect(job.phase == .failed && job.reason == .notPermitted)
            #expect(job.message == "\(ana.name) is not a member of group 'lab' any more")
            #expect(server.directory.status("lab/started") == nil)
            #expect(try server.end(ben, full).phase == .succeeded)
        }
    }

    @Test func administrators() async throws {
        guard let engine = LiveEngine.all.first else { return }
        try await LiveServer.with(engine) { server in
            let (ana, eve) = (server.ana, server.eve)
            let forbidden: [[String]] = [
                ["drain", "--reason", "x"], ["resume"], ["prune", "--older-than", "1s"], ["runner", "stop"],
            ]
            for words in forbidden {
                let output = try server.run(eve, words)
                #expect(output.status == 1 && output.errors.contains("only an administrator may"), "\(output.errors)")
            }
            #expect(try server.root("submit", "--group", "lab", "--", "true").errors.contains("root cannot submit"))
            // Not a user of the machine: what comes out of a container looks so.
            for uid in [uid_t(54_321), 65_534] {
                let output = try server.root("list", uid: uid)
                #expect(output.status == 1 && output.errors.contains("is no user of this machine"), "\(output.errors)")
            }

            #expect(try server.root("drain", "--reason", "a new kernel").status == 0)
            let id = try server.submit(ana, "true")
            let job = try server.get(ana, id)
            #expect(job.phase == .pending && job.reason == .drained)
            #expect(job.message == "no job is started until root or another administrator says so: a new kernel")
            #expect(try server(ana, "list").errors.contains("a new kernel"))
            #expect(try server(ana, "submit", "--group", "lab", "--", "true").errors.contains("a new kernel"))
            #expect(try server(eve, "runner", "status").text.contains("a new kernel"))
            #expect(try server(ana, "set", id.text, "--priority", "3").errors.contains("only an administrator"))
            #expect(try server(ana, "set", id.text, "--hold").status == 0)
            #expect(try server.root("resume").status == 0)
            #expect(try server.get(ana, id).message.contains("is held back by \(ana.name)"))
            #expect(try server.root("set", id.text, "--hold", "--priority", "7").status == 0)
            #expect(try server(ana, "set", id.text, "--release").errors.contains("only an administrator"))
            #expect(try server.root("set", id.text, "--release").status == 0)
            #expect(try server.end(ana, id).phase == .succeeded)

            // What is seen first is only said, then it is done, and only to what has ended.
            try LivePhjob.poll("all have ended") {
                try server.root("list", "--quiet", "--all", "--status", "pending", "--status", "running").text.isEmpty
            }
            try LivePhjob.poll("all are done with") {
                try server.root("prune", "--older-than", "0s", "--quiet").lines.count == 2
            }
            #expect(try server.root("prune", "--older-than", "0s").errors.contains("nothing was removed"))
            #expect(try server.root("prune", "--older-than", "1d", "--yes", "--quiet").text.isEmpty)
            #expect(try server.get(ana, id).phase == .succeeded)
            #expect(try server.root("prune", "--older-than", "0s", "--yes", "--quiet").lines.count == 2)
            #expect(try server(ana, "get", id.text).errors.contains("there is no job \(id)"))
            #expect(try server.directory.names("state/jobs").isEmpty)
            #expect(
                try server.audit().contains {
                    $0["action"] == .string("drain") && $0["detail"] == .string("a new kernel")
                })
        }
    }

    /// A member of the Unix group phjob-admin, which is asked for at every request.
    @Test func theAdministratorsGroup() async throws {
        guard let engine = LiveEngine.all.first else { return }
        let isOurs = try UnixGroup.id(named: Access.administrators) == nil
        if isOurs { try #require(try HostProcess.shell("groupadd \(Access.administrators)").isSuccess) }
        defer { if isOurs { _ = try? HostProcess.shell("groupdel \(Access.administrators)") } }
        try await LiveServer.with(engine) { server in
            let id = try server.submit(server.ana, "sleep 3600")
            #expect(try server(server.eve, "get", id.text).status == 1)
            try #require(try HostProcess.shell("gpasswd --add \(server.eve.name) \(Access.administrators)").isSuccess)
            defer { _ = try? HostProcess.shell("gpasswd --delete \(server.eve.name) \(Access.administrators)") }
            #expect(try server.get(server.eve, id).userName == server.ana.name)
            #expect(try server(server.eve, "list", "--quiet").lines == [id.text])
            #expect(try server(server.eve, "cancel", id.text).status == 0)
            // To manage is not to use: the group's volume stays the members'.
            #expect(try server(server.eve, "rerun", id.text).errors.contains("there is no group 'lab'"))
            try #require(
                try HostProcess.shell("gpasswd --delete \(server.eve.name) \(Access.administrators)").isSuccess)
            #expect(try server(server.eve, "get", id.text).status == 1)
        }
    }
}
