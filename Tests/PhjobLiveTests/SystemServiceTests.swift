import Glibc
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// One runner for everybody, which is root, and an ordinary user who has no engine.
@Suite(.enabled(if: HostProcess.isRoot, "only root can be the runner for everybody"))
struct SystemServiceTests {
    @Test(arguments: LiveEngine.all) func anPersonRunsJobsByIt(_ engine: LiveEngine) async throws {
        try await SystemService.with(engine) { service in
            try service.start()
            #expect(service.directory.mode("run/phjob.sock") == 0o666)
            #expect(service.directory.mode("run") == 0o755)
            #expect(service.directory.mode("state") == 0o700)
            let ran = try service.asUser("--system", "run", "--quiet", "--", "id -u; whoami; exit 7")
            #expect(ran.status == 7, "\(ran.errors) \(service.log)")
            #expect(ran.lines == ["\(service.user.uid)", service.user.name])
            // The same without the option: PHJOB_SOCKET names it.
            let list = try service.asUser("list", "--all")
            #expect(list.status == 0 && list.text.contains(service.user.name), "\(list.errors)")
            let status = try service.asUser("runner", "status", "--system")
            #expect(status.text.contains("everybody"), "\(status.text) \(status.errors)")
            let stop = try service.asUser("runner", "stop", "--system")
            #expect(stop.status == 1)
            #expect(try service.asUser("runner", "status", "--system").status == 0, "\(stop.errors)")
        }
    }

    @Test(arguments: LiveEngine.all) func doctorOfAUserCallsNoEngine(_ engine: LiveEngine) async throws {
        try await SystemService.with(engine) { service in
            try service.start()
            mkdir(service.directory("bin"), 0o755)
            mkdir(service.directory("called"), 0o700)
            chmod(service.directory("called"), 0o777)
            for name in ["podman", "docker"] {
                try service.directory.write(
                    "#!/bin/sh\n: >\(service.directory("called"))/\(name)\nexit 1\n", to: "bin/\(name)", mode: 0o755)
            }
            let path = ["PATH": "\(service.directory("bin")):/usr/bin:/bin"]
            let doctor = try service.asUser("doctor", "--system", extra: path, timeout: patience)
            #expect(doctor.status == 0, "\(doctor.text) \(doctor.errors)")
            #expect(doctor.text.contains("system: one runner for everybody, because '--system' was given"))
            #expect(doctor.text.contains("ran to its end, and its log is whole"))
            #expect(try service.directory.names("called") == [])
            // A socket that was named counts as what serves there.
            let named = try service.asUser("doctor", extra: path, timeout: patience)
            #expect(named.text.contains("because PHJOB_SOCKET is set"), "\(named.text)")
            #expect(try service.directory.names("called") == [])

            let root = try service.asRoot("doctor", "--system")
            #expect(root.text.contains("ok       job         none is tried, as root runs none"), "\(root.text)")
            for check in ["versions", "privileges", "admins", "container", "engine"] {
                #expect(
                    root.text.split(separator: "\n").contains { $0.dropFirst(9).hasPrefix("\(check) ") }, "\(check)")
            }
        }
    }

    @Test func onlyRootCanBeIt() async throws {
        try await SystemService.with(try #require(LiveEngine.all.first)) { service in
            let extra = ["PHJOB_STATE": "/tmp/\(service.user.name)", "PHJOB_CONFIG": service.directory("config.json")]
            let output = try service.asUser("runner", "run", "--system", extra: extra)
            #expect(output.status == 1)
            #expect(output.errors.contains("a runner that serves everybody must be root"), "\(output.errors)")
            #expect(access("/tmp/\(service.user.name)", F_OK) != 0)
        }
    }

    @Test func oneThatIsDownIsToldFromOneThatIsNotThere() async throws {
        try await SystemService.with(try #require(LiveEngine.all.first)) { service in
            let absent = try service.asUser("--system", "list")
            #expect(absent.status == 1)
            #expect(absent.errors.contains("there is no system runner: nothing is at \(service.socket)"))

            let runner = try service.start()
            let stop = try service.asRoot("runner", "stop", "--system")
            #expect(stop.status == 0, "\(stop.errors)")
            #expect(stop.errors.contains("the runner has stopped; running jobs run on"))
            #expect(try runner.waitForEnd() == 0)
            #expect(service.directory.mode("run/phjob.sock") == 0o666)
            for _ in 1...2 {
                let down = try service.asUser("--system", "list")
                #expect(down.status == 1)
                #expect(
                    down.errors.contains("the system runner does not answer at \(service.socket)"), "\(down.errors)")
                #expect(down.errors.contains("systemctl status phjob"))
                #expect(down.errors.contains("--personal"))
                #expect(try service.asUser("--system", "runner", "status").status == 1)
                let killed = try service.start()
                #expect(try service.asUser("--system", "list").status == 0)
                killed.signal(SIGKILL)
                try killed.waitForEnd()
            }
        }
    }

    @Test func whoWaitsStaysThroughARestart() async throws {
        try await SystemService.with(try #require(LiveEngine.all.first)) { service in
            var runner = try service.start()
            let submitted = try service.asUser(
                "--system", "submit", "--", "while [ ! -e go ]; do sleep 0.1; done; exit 9")
            try #require(submitted.status == 0, "\(submitted.errors)")
            let id = try #require(submitted.lines.first)
            try LivePhjob.poll("it runs") {
                try service.asUser("--system", "get", "--json", id).text.contains(#""phase" : "Running""#)
            }
            let waiter = Waiter { try service.asUser("--system", "wait", id, timeout: 600) }
            for signal in [SIGTERM, SIGKILL] {
                runner.signal(signal)
                try runner.waitForEnd()
                runner = try service.start()
            }
            try service.directory.write("", to: "state/jobs/\(id)/home/go", mode: 0o644)
            let output = try waiter.get()
            #expect(output.status == 9, "\(output.errors)")
        }
    }

    /// A mistake that an administrator made weeks ago does not end the service at the next boot.
    @Test func aBrokenCatalogueIsNotInForceAfterARestartEither() async throws {
        try await SystemService.with(try #require(LiveEngine.all.first)) { service in
            let runner = try service.start()
            runner.signal(SIGKILL)
            try runner.waitForEnd()
            try service.directory.write("{ \"groups\": [ ] ", to: "config.json", mode: 0o644)
            try service.start()
            let run = try service.asUser("--system", "run", "--", "echo ran", timeout: patience)
            #expect(run.status == 0 && run.text == "ran\n", "\(run.errors)")
            #expect(
                try service.asUser("--system", "runner", "status").text.contains("the one before it stays in force"))
            #expect(try service.asRoot("runner", "status", "--system").text.contains("is not JSON"))
        }
    }

    @Test func aSecondOneEnds() async throws {
        try await SystemService.with(try #require(LiveEngine.all.first)) { service in
            let first = try service.start()
            let second = try service.asRoot("runner", "run", "--system")
            #expect(second.status == 75, "\(second.errors)")
            #expect(try service.asUser("--system", "runner", "status", "--json").text.contains("\(first.pid)"))
        }
    }

    @Test func aServiceManagerIsTold() async throws {
        try await SystemService.with(try #require(LiveEngine.all.first)) { service in
            let manager = try NotifySocket(at: service.directory("notify"))
            let runner = try service.start(extra: ["NOTIFY_SOCKET": service.directory("notify")])
            #expect(try manager.next() == "READY=1\nSTATUS=serves \(service.socket)")
            try service.directory.write("{", to: "config.json", mode: 0o640)
            #expect(try manager.next().hasPrefix("STATUS=serves \(service.socket) with an older catalogue: "))
            runner.signal(SIGTERM)
            #expect(try manager.next() == "STOPPING=1\nSTATUS=is ending; running jobs run on")
            #expect(try runner.waitForEnd() == 0)
            #expect(try manager.next() == "STATUS=has ended; running jobs run on")
            let catalogue = LiveCatalogue(engine: service.engine.rawValue, users: [service.user.name])
            try service.directory.write(JSONBody.encode(catalogue.json), to: "config.json", mode: 0o640)
        }
    }
}
