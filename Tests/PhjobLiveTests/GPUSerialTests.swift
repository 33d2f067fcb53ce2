import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// GPUs by index, and by UUID where `nvidia-smi` tells of them. Stand-ins take their place: a script for the tool, a CDI
/// specification for podman, the argument list for docker.
@Suite(.serialized) struct GPUSerialTests {
    private static func configure(_ phjob: LivePhjob, _ catalogue: inout LiveCatalogue) {
        catalogue.node["gpus"] = .integer(2)
        catalogue.instanceTypes += [
            LiveCatalogue.instanceType("gpu-1", cpus: 0.5, memory: "64M", gpus: 1),
            LiveCatalogue.instanceType("gpu-2", cpus: 0.5, memory: "64M", gpus: 2),
        ]
    }

    /// The specification of two GPUs that are nothing but a variable and a device each, named by index and by UUID.
    private static let specification: String = {
        let devices = [("0", 0), ("1", 1), ("GPU-5d00", 0), ("GPU-5d01", 1)].map { name, index in
            """
            { "name": "\(name)", "containerEdits": { "env": ["TEST_GPU_\(index)=yes"],
                "deviceNodes": [{ "path": "/dev/test-gpu\(index)", "hostPath": "/dev/null" }] } }
            """
        }
        return """
            { "cdiVersion": "0.5.0", "kind": "nvidia.com/gpu", "devices": [\(devices.joined(separator: ",\n"))] }
            """
    }()

    /// Puts a script into the place of `nvidia-smi`, which tells of two GPUs and of the processes in the file `on-gpus`.
    private static func addTool(_ phjob: LivePhjob, _ catalogue: inout LiveCatalogue) throws {
        configure(phjob, &catalogue)
        catalogue.node["gpus"] = nil
        try Directory.create(phjob.directory("bin"))
        try phjob.directory.write("", to: "on-gpus")
        try phjob.directory.write(
            """
            #!/bin/sh
            case $1 in
            --query-gpu=*) printf '0, GPU-5d00, Stand-In, 1024\\n1, GPU-5d01, Stand-In, 1024\\n' ;;
            *) cat '\(phjob.directory("on-gpus"))' ;;
            esac

            """, to: "bin/script")
        // Copied by another process: a file that is open for writing cannot be run.
        try HostProcess.shell("cd \(phjob.directory("bin")) && cp script nvidia-smi && chmod 755 nvidia-smi")
        let path = LiveEngine.clientEnvironment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"
        catalogue.engineVariables["PATH"] = .string("\(phjob.directory("bin")):\(path)")
    }

    /// Puts the specification where podman looks for it, for as long as `body` takes.
    private static func withStandIns(_ body: () async throws -> Void) async throws {
        // Another run of these tests on this machine would take it away.
        let lock = try await onThread {
            var lock: FileLock?
            try LivePhjob.poll("no other test describes devices") {
                lock = try FileLock(path: "/tmp/phjob-test-cdi.lock")
                return lock != nil
            }
            return lock
        }
        defer { withExtendedLifetime(lock) {} }
        let directory = "/etc/cdi"
        let file = "\(directory)/phjob-test.json"
        let existed = access(directory, F_OK) == 0
        for place in [directory, "/var/run/cdi"] {
            let names = (try? Directory.names(in: Directory.open(place))) ?? []
            if names.contains(where: { "\(place)/\($0)" != file }) {
                try Test.cancel("\(place) describes devices of this machine")
            }
        }
        try Directory.create(directory, mode: 0o755)
        try Data(specification.utf8).write(to: URL(fileURLWithPath: file))
        defer {
            unlink(file)
            if !existed { rmdir(directory) }
        }
        try await body()
    }

    @Test(
        .enabled(if: HostProcess.isRoot, "only root may describe devices to podman"),
        .enabled(if: LiveEngine.all.contains(.podman), "podman is not used"))
    func eachJobHasItsOwn() async throws {
        try await Self.withStandIns {
            try await LivePhjob.with(.podman, configure: Self.configure) { phjob in
                let script = """
                    echo count $PHJOB_GPU_COUNT; ls /dev | grep test-gpu; env | grep ^TEST_GPU; echo told
                    while [ ! -e /project/lab/go-$PHJOB_NAME ]; do sleep 0.1; done
                    """
                let ids = try ["a", "b", "c"].map { try phjob.submit(script, "--instance-type", "gpu-1", "--name", $0) }
                for id in ids.prefix(2) { try phjob.wait(forOutput: "told", of: id) }
                let waiting = try phjob.get(ids[2])
                #expect(waiting.phase == .pending)
                #expect(waiting.message.contains("GPU"), "\(waiting.message)")
                #expect(waiting.queuePosition == 1)
                var held = try ids.prefix(2).map { try phjob.get($0).gpus }
                #expect(Set(held) == [[0], [1]])
                // The first that ends gives its GPU to the one that waits.
                try phjob.directory.write("", to: "volume/go-b")
                try phjob.end(of: ids[1])
                try phjob.wait(forOutput: "told", of: ids[2])
                held.append(try phjob.get(ids[2]).gpus)
                #expect(held[2] == held[1])
                for name in ["a", "c"] { try phjob.directory.write("", to: "volume/go-\(name)") }
                for (id, gpus) in zip(ids, held) {
                    #expect(try phjob.end(of: id).gpus == gpus)
                    let index = gpus[0]
                    #expect(
                        try phjob.log(id).lines == ["count 1", "test-gpu\(index)", "TEST_GPU_\(index)=yes", "told"])
                }
                let both = try phjob.submit(script, "--instance-type", "gpu-2", "--name", "a")
                #expect(try phjob.end(of: both).gpus == [0, 1])
                let lines = try phjob.log(both).lines
                #expect(lines.prefix(3) == ["count 2", "test-gpu0", "test-gpu1"])
                #expect(Set(lines[3...4]) == ["TEST_GPU_0=yes", "TEST_GPU_1=yes"])
                // A job without GPUs sees none.
                let none = try phjob.end(of: phjob.submit(script, "--name", "a"))
                #expect(try phjob.log(none.id).lines == ["count 0", "told"])
            }
        }
    }

    /// Whatever a job says itself, it has the devices of its own GPUs and no others.
    @Test(
        .enabled(if: HostProcess.isRoot, "only root may describe devices to podman"),
        .enabled(if: LiveEngine.all.contains(.podman), "podman is not used"))
    func byUUID() async throws {
        try await Self.withStandIns {
            try await LivePhjob.with(.podman, configure: Self.addTool) { phjob in
                let script = """
                    echo $NVIDIA_VISIBLE_DEVICES; ls /dev | grep test-gpu; env | grep ^TEST_GPU; echo told
                    while [ ! -e /project/lab/go ]; do sleep 0.1; done
                    """
                let options = ["--instance-type", "gpu-1", "--env", "NVIDIA_VISIBLE_DEVICES=all"]
                let ids = try (1...3).map { _ in
                    try phjob.submit(script, options[0], options[1], options[2], options[3])
                }
                for id in ids.prefix(2) { try phjob.wait(forOutput: "told", of: id) }
                #expect(try Set(ids.prefix(2).map { try phjob.get($0).gpuUUIDs }) == [["GPU-5d00"], ["GPU-5d01"]])
                let table = try phjob("gpu", "list").text
                for id in ids.prefix(2) { #expect(table.contains("\(id) ("), "\(table)") }
                #expect(try phjob.get(ids[2]).message.contains("2 of 2 GPUs in use"))
                try phjob.directory.write("", to: "volume/go")
                for id in ids {
                    let index = try phjob.end(of: id).gpus[0]
                    #expect(try phjob.log(id).lines == ["all", "test-gpu\(index)", "TEST_GPU_\(index)=yes", "told"])
                }
            }
        }
    }

    /// The processes of containers are told from others; those make their GPU unavailable for as long as they live.
    @Test(
        .enabled(if: HostProcess.isRoot, "only root may describe devices to podman"),
        .enabled(if: LiveEngine.all.contains(.podman), "podman is not used"))
    func busyOutside() async throws {
        try await Self.withStandIns {
            try await LivePhjob.with(.podman, configure: Self.addTool) { phjob in
                let wait = "while [ ! -e /project/lab/go ]; do sleep 0.1; done"
                let marker = "3600.\(UInt32.random(in: 1...999_999))"
                let first = try phjob.submit("(sleep \(marker); :) & echo told; \(wait)", "--instance-type", "gpu-1")
                try phjob.wait(forOutput: "told", of: first)
                var own: pid_t?
                try LivePhjob.poll("the job's process is there") {
                    own = HostProcess.entries { $0.last == marker }.first?.pid
                    return own != nil
                }
                let outsider = try ReapedProcess(ProcessCommand("/bin/sleep", ["3600"]), log: "/dev/null")
                defer {
                    outsider.signal(SIGKILL)
                    _ = try? outsider.waitForEnd()
                }
                let ownPID = try #require(own)
                try phjob.directory.write(
                    "GPU-5d00, \(ownPID)\nGPU-5d01, \(outsider.pid)\n", to: "on-gpus")
                // Until the last look is old it is not known.
                try LivePhjob.poll("the one is told from the other") {
                    let lines = try phjob("gpu", "list").lines
                    let name = try phjob.get(first).userName
                    return lines.count == 3 && lines[1].hasSuffix("\(first) (\(name))")
                        && lines[2].contains("busy outside phjob: pid \(outsider.pid) (root, sleep)")
                }
                let second = try phjob.submit("true", "--instance-type", "gpu-1")
                try LivePhjob.poll("it says what it waits for") {
                    try phjob.get(second).message.contains("1 busy outside phjob (pid \(outsider.pid), root)")
                }
                outsider.signal(SIGKILL)
                #expect(try phjob.end(of: second).gpuUUIDs == ["GPU-5d01"])
                try phjob.directory.write("", to: "volume/go")
                #expect(try phjob.end(of: first).phase == .succeeded)
            }
        }
    }

    /// GPUs stay taken while no runner is there.
    @Test(
        .enabled(if: HostProcess.isRoot, "only root may describe devices to podman"),
        .enabled(if: LiveEngine.all.contains(.podman), "podman is not used"))
    func heldAcrossARestart() async throws {
        try await Self.withStandIns {
            try await LivePhjob.with(.podman, configure: Self.configure) { phjob in
                let script = "echo told; while [ ! -e /project/lab/go ]; do sleep 0.1; done"
                let first = try phjob.submit(script, "--instance-type", "gpu-1")
                try phjob.wait(forOutput: "told", of: first)
                try phjob.killRunner()
                let second = try phjob.submit(script, "--instance-type", "gpu-1")
                try phjob.wait(forOutput: "told", of: second)
                #expect(try Set([first, second].map { try phjob.get($0).gpus }) == [[0], [1]])
                try phjob.directory.write("", to: "volume/go")
                for id in [first, second] { #expect(try phjob.end(of: id).phase == .succeeded) }
            }
        }
    }

    @Test(arguments: LiveEngine.all) func argumentListByUUID(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine, configure: Self.addTool) { phjob in
            let output = try phjob("submit", "--dry-run", "--json", "--instance-type", "gpu-2", "--", "true")
            let command = try JSONBody.decode(DryRunAnswer.self, from: output.bytes).containerCommand
            switch engine {
            case .podman:
                #expect(
                    command.filter { $0.hasPrefix("--device") }
                        == ["--device=nvidia.com/gpu=GPU-5d00", "--device=nvidia.com/gpu=GPU-5d01"])
            case .docker:
                #expect(command.filter { $0.hasPrefix("--gpus") } == ["--gpus=\"device=GPU-5d00,GPU-5d01\""])
            }
            #expect(command.contains("--env=NVIDIA_VISIBLE_DEVICES=void"))
        }
    }

    @Test(arguments: LiveEngine.all) func argumentList(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine, configure: Self.configure) { phjob in
            let arguments = { (type: String) in
                let output = try phjob("submit", "--dry-run", "--json", "--instance-type", type, "--", "true")
                return try JSONBody.decode(DryRunAnswer.self, from: output.bytes).containerCommand
            }
            let one = try arguments("gpu-1")
            let two = try arguments("gpu-2")
            switch engine {
            case .podman:
                #expect(one.filter { $0.contains("gpu") } == ["--device=nvidia.com/gpu=0"])
                #expect(
                    two.filter { $0.contains("gpu") } == ["--device=nvidia.com/gpu=0", "--device=nvidia.com/gpu=1"])
            case .docker:
                #expect(one.filter { $0.contains("gpu") } == ["--gpus=device=0"])
                #expect(two.filter { $0.contains("gpu") } == ["--gpus=\"device=0,1\""])
            }
            #expect(try arguments("small").allSatisfy { !$0.contains("gpu") })
            #expect(try phjob.jobs().isEmpty)
        }
    }
}
