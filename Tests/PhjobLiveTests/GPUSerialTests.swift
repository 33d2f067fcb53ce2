import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// GPUs by index. Stand-ins take their place: a CDI specification for podman, the argument list for docker.
@Suite(.serialized) struct GPUSerialTests {
    private static func configure(_ phjob: LivePhjob, _ catalogue: inout LiveCatalogue) {
        catalogue.node["gpus"] = .integer(2)
        catalogue.instanceTypes += [
            LiveCatalogue.instanceType("gpu-1", cpus: 0.5, memory: "64M", gpus: 1),
            LiveCatalogue.instanceType("gpu-2", cpus: 0.5, memory: "64M", gpus: 2),
        ]
    }

    /// The specification of two GPUs that are nothing but a variable and a device each.
    private static let specification = """
        {
            "cdiVersion": "0.5.0", "kind": "nvidia.com/gpu", "devices": [
                { "name": "0", "containerEdits": { "env": ["TEST_GPU_0=yes"],
                    "deviceNodes": [{ "path": "/dev/test-gpu0", "hostPath": "/dev/null" }] } },
                { "name": "1", "containerEdits": { "env": ["TEST_GPU_1=yes"],
                    "deviceNodes": [{ "path": "/dev/test-gpu1", "hostPath": "/dev/null" }] } }
            ]
        }
        """

    /// Puts the specification where podman looks for it, for as long as `body` takes.
    private static func withStandIns(_ body: () async throws -> Void) async throws {
        // Another run of these tests on this machine would take it away.
        let lock = try await onThread {
            var lock: FileLock?
            try LivePhjob.poll(within: 300, "no other test describes devices") {
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
