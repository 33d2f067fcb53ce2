import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// What a job cannot do, and what runs it.
@Suite struct ConfinementTests {
    @Test(arguments: LiveEngine.all) func privileges(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let script = """
                grep -E '^(Cap|NoNewPrivs)' /proc/self/status
                mknod /project/lab/device b 7 0 2>/dev/null && echo made a device
                chown 1234 /project/lab 2>/dev/null && echo gave a directory away
                mount -t tmpfs none /tmp 2>/dev/null && echo mounted
                hostname other 2>/dev/null && echo renamed the host
                unshare -U true 2>/dev/null && echo made a user namespace
                echo x 2>/dev/null >/run/phjob/command && echo changed the command
                echo x 2>/dev/null >>/etc/passwd && echo changed passwd
                [ -e /proc/self/fd/3 ] && ls -l /proc/self/fd
                ls -d /run/podman /run/docker.sock /var/run/docker.sock /run/phjob/phjob.sock 2>/dev/null
                exit 0
                """
            let job = try phjob.end(of: phjob.submit(script))
            #expect(job.phase == .succeeded)
            let none = String(repeating: "0", count: 16)
            let capabilities = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"].map { "\($0):\t\(none)" }
            #expect(try phjob.log(job.id).lines == capabilities + ["NoNewPrivs:\t1"])
        }
    }

    @Test(arguments: LiveEngine.all) func network(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let job = try phjob.end(of: phjob.submit("ls /sys/class/net | grep -v '^lo$'; exit 0"))
            #expect(try phjob.log(job.id).text == "")
        }
    }

    /// The first process is an init: it ends orphans, so that they do not stay as zombies.
    @Test(arguments: LiveEngine.all) func initReapsOrphans(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let script = """
                tr '\\0' ' ' </proc/1/cmdline; echo
                (sleep 0.1 & sleep 0.1 & sleep 0.1 &)
                tries=0
                while [ $tries -lt 100 ]; do
                    sleep 0.1; tries=$((tries + 1))
                    grep -l sleep /proc/[0-9]*/comm 2>/dev/null | grep -q . || break
                done
                grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null; exit 0
                """
            let job = try phjob.end(of: phjob.submit(script))
            let lines = try phjob.log(job.id).lines
            #expect(lines.count == 1, "\(lines)")
            #expect(lines[0].contains("init"))
        }
    }

    @Test(arguments: LiveEngine.all) func standardInputIsEmpty(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let result = try phjob.shell(
                "echo no | \"$PHJOB\" run -- 'cat; echo read to the end; [ -t 0 ] || echo no terminal'")
            #expect(result.text == "read to the end\nno terminal\n")
        }
    }

    /// What an image says of entry point, user, working directory, health and variables binds no job.
    @Test(arguments: LiveEngine.all) func imageSettings(_ engine: LiveEngine) async throws {
        let name = "localhost/phjob/test-settings-\(UInt32.random(in: 0 ... .max)):latest"
        try await LivePhjob.with(engine) { _, catalogue in
            catalogue.images.append(LiveCatalogue.image("settings", name, pullPolicy: "never"))
        } _: { phjob in
            let container = "phjob-test-\(UInt32.random(in: 0 ... .max))"
            try engine.call("create", "--name=\(container)", "--network=none", LiveEngine.image, "/bin/true")
            defer { _ = try? engine.call("rm", "--force", container) }
            var settings = [
                "ENTRYPOINT [\"/bin/echo\", \"entry\"]", "CMD [\"false\"]", "USER 65534", "WORKDIR /nowhere",
                "ENV HOME=/wrong", "ENV PHJOB_ID=wrong", "ENV OF_IMAGE=kept", "LABEL phjob.job=wrong",
                "VOLUME /scratch", "VOLUME /project/lab/cache", "VOLUME /home/jovyan/work",
            ]
            // docker can set this only in a build.
            if engine == .podman { settings.append("STOPSIGNAL SIGQUIT") }
            let output = try engine.call(["commit"] + settings.map { "--change=\($0)" } + [container, name])
            try #require(output.status == 0, "\(output.errors)")
            defer { _ = try? engine.call("rmi", "--force", name) }
            let script =
                "trap 'echo stopped; exit 0' TERM; echo r >/project/lab/cache/r; echo $HOME $PHJOB_ID $OF_IMAGE $(id -u) $(pwd); while :; do sleep 0.1; done"
            try Directory.create(phjob.directory("volume/cache"))
            let id = try phjob.submit(script, "--image", "settings")
            let home = "/home/jovyan"
            try phjob.wait(forOutput: "\(home) \(id) kept \(geteuid()) \(home)\n", of: id)
            let format = "--format={{range .Mounts}}{{if eq .Type \"volume\"}}{{.Name}}{{end}}{{end}}"
            let volumes = try engine.call("inspect", format, phjob.containerName(of: id)).lines.filter { !$0.isEmpty }
            // podman makes none of the volumes that an image declares, docker only those that hide nothing.
            #expect(volumes.count == (engine == .podman ? 0 : 1))
            try phjob("cancel", id.text)
            try phjob.end(of: id)
            #expect(try phjob.log(id).text.hasSuffix("stopped\n"))
            #expect(try phjob.directory.text("volume/cache/r") == "r\n")
            // What the image makes for each container goes with it.
            for volume in volumes {
                try LivePhjob.poll("the volume is removed") {
                    try engine.call("volume", "inspect", volume).status != 0
                }
            }
        }
    }
}
