import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// The background process: it comes when it is needed, and jobs do not depend on it.
@Suite struct RunnerTests {
    @Test(arguments: LiveEngine.all) func stopAndStart(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let id = try phjob.submit("seq 10; while [ ! -e /project/lab/go ]; do sleep 0.1; done; seq 11 20; exit 8")
            try phjob.wait(forOutput: "\n10\n", of: id)
            let first = try #require(phjob.runner)
            #expect(try phjob("runner", "stop").status == 0)
            #expect(phjob.runner == nil)
            #expect(try phjob("runner", "status").status == 1)
            #expect(try phjob.containers() == [phjob.containerName(of: id)])
            let state = try engine.call(
                "container", "inspect", "--format={{.State.Running}}", phjob.containerName(of: id))
            #expect(state.text == "true\n")
            #expect(try phjob("runner", "start").status == 0)
            #expect(phjob.runner != first)
            #expect(try phjob.get(id).phase == .running)
            try phjob.directory.write("", to: "volume/go")
            #expect(try phjob.end(of: id).exitCode == 8)
            #expect(try phjob.log(id).lines == (1...20).map(String.init))
        }
    }

    /// A deadline holds while no runner is there: it is enforced as soon as there is one.
    @Test(arguments: LiveEngine.all) func deadlineWithoutARunner(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let id = try phjob.submit("echo started; while :; do sleep 0.1; done", "--deadline", "2s")
            try phjob.wait(forOutput: "started", of: id)
            let deadline = try #require(phjob.get(id).deadlineTime)
            try phjob("runner", "stop")
            try blockUntil("the deadline has passed") {
                Int64(Date().timeIntervalSince1970 * 1000) > deadline.milliseconds
            }
            let job = try phjob.end(of: id)
            #expect(job.reason == .deadlineExceeded)
        }
    }

    @Test(arguments: LiveEngine.all) func severalFirstCommands(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let script = """
                for i in 1 2 3 4 5 6; do { "$PHJOB" submit -- "echo $i >>/project/lab/ran"; echo "status $?"; } & done; wait
                """
            let output = try phjob.shell(script)
            #expect(output.lines.filter { $0 == "status 0" }.count == 6, "\(output.errors)")
            let jobs = try phjob.jobs()
            #expect(jobs.count == 6)
            for job in jobs { #expect(try phjob.end(of: #require(JobID(job))).phase == .succeeded) }
            #expect(
                Set(try phjob.directory.text("volume/ran").split(separator: "\n")) == ["1", "2", "3", "4", "5", "6"])
            let starts = try phjob.directory.text("state/runner.log").split(separator: "\n").filter {
                $0.contains("runner-started")
            }
            #expect(starts.count == 1)
            #expect(try phjob.directory.text("volume/ran").split(separator: "\n").count == 6)
        }
    }

    /// No more jobs at once than there is room for, in the order in which they came, and nothing piles up.
    @Test(arguments: LiveEngine.all) func manyJobs(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine, weight: 2) { _, catalogue in
            catalogue.node["cpus"] = .integer(1)
        } _: { phjob in
            // Each line is written at once, so their order in the file is the order of what they tell.
            // The first waits for the second, however slow the machine is: that two run at once is then certain.
            let script = """
                events=/project/lab/events
                echo + $PHJOB_ID >>$events
                left=200
                while [ "$(grep -c '^+' $events)" -lt 2 ] && [ $left -gt 0 ]; do sleep 0.1; left=$((left - 1)); done
                echo - $PHJOB_ID >>$events
                """
            let ids = try (1...12).map { _ in try phjob.submit(script) }
            let jobs = try ids.map { try phjob.end(of: $0) }
            #expect(jobs.allSatisfy { $0.phase == .succeeded })
            var running = 0
            var most = 0
            for event in try phjob.directory.text("volume/events").split(separator: "\n") {
                running += event.hasPrefix("+") ? 1 : -1
                most = max(most, running)
            }
            #expect(running == 0)
            #expect(most == 2)
            let admissions = jobs.compactMap { $0.history.first { $0.phase == .preparing }?.time }
            #expect(admissions == admissions.sorted())
            try LivePhjob.poll("no container is left") { try phjob.containers().isEmpty }
        }
    }

    /// Without an engine a job is refused, in words that help; the next is taken as soon as there is one.
    @Test(arguments: LiveEngine.all) func noEngine(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { _, catalogue in
            catalogue.engineVariables["PATH"] = .string("/nowhere")
        } _: { phjob in
            let refused = try phjob("submit", "--", "true")
            #expect(refused.status == 1)
            #expect(refused.errors.contains("install podman or docker"), "\(refused.errors)")
            #expect(try phjob("run", "--", "true").status == 125)
            #expect(try phjob.jobs().isEmpty)
            #expect(try phjob("runner", "status").text.contains("install podman or docker"))
            try phjob.writeCatalogue()
            try LivePhjob.poll("the engine is found") { try phjob("run", "--", "true").status == 0 }
        }
    }

    /// A broken catalogue leaves the one before in force, and is told.
    @Test(arguments: LiveEngine.all) func brokenCatalogue(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            #expect(try phjob("run", "--", "true").status == 0)
            try phjob.directory.write(
                "{ \"groups\": [ { \"name\": \"lab\" }, { \"name\": \"lab\" } ] ", to: "config.json")
            try LivePhjob.poll("the problem is told") {
                try phjob("runner", "status").text.contains("config.json")
                    && phjob("runner", "status", "--json").text.contains("catalogueProblems\" : [\n")
            }
            #expect(try phjob("run", "--", "true").status == 0)
        }
    }
}
