import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// Limits, as the kernel has them and as jobs run into them.
@Suite struct LimitTests {
    @Test(arguments: LiveEngine.all) func controlGroup(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { _, catalogue in
            catalogue.limits["pidsLimit"] = .integer(48)
        } _: { phjob in
            for limit in ["memory", "cpu", "pids"] { try phjob.requireLimit(limit) }
            let job = try phjob.end(of: phjob.submit(Self.readLimits))
            let values = Dictionary(
                uniqueKeysWithValues: try phjob.log(job.id).lines.map { line in
                    let words = line.split(separator: "=", omittingEmptySubsequences: false)
                    return (String(words[0]), String(words[1]))
                })
            #expect(values["memory"] == "\(64 << 20)")
            // Version 1 counts memory and swap together, version 2 swap alone: none beside the memory.
            #expect(values["swap1"] == "\(64 << 20)" || values["swap2"] == "0")
            #expect(values["cpu"] == "50000")
            #expect(values["pids"] == "48")
            // In blocks of 1024 bytes: half of the memory.
            #expect(values["shm"] == "\(32 << 10)")
            #expect(values["core"] == "0")
        }
    }

    /// Both versions of control groups, as a container sees its own.
    private static let readLimits = """
        first() { for file; do [ ! -r "$file" ] || { cat "$file"; return; }; done; }
        cd /sys/fs/cgroup
        echo memory=$(first memory.max memory/memory.limit_in_bytes)
        echo swap1=$(first memory/memory.memsw.limit_in_bytes)
        echo swap2=$(first memory.swap.max)
        echo cpu=$(first cpu/cpu.cfs_quota_us cpu.max | cut -d' ' -f1)
        echo pids=$(first pids.max pids/pids.max)
        echo shm=$(df -k /dev/shm | awk 'NR == 2 { print $2 }')
        echo core=$(ulimit -c)
        """

    @Test(arguments: LiveEngine.all) func processesAreLimited(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { _, catalogue in
            catalogue.limits["pidsLimit"] = .integer(32)
        } _: { phjob in
            try phjob.requireLimit("pids")
            // A shell that cannot fork ends, and with it all that it has made, whether they have begun or not.
            let script = "i=0; while [ $i -lt 200 ]; do echo one; sleep 60 & i=$((i + 1)); done; echo all; wait"
            let job = try phjob.end(of: phjob.submit(script))
            let lines = try phjob.log(job.id).lines
            #expect(job.phase == .failed)
            #expect(!lines.contains("all"))
            #expect((8..<32).contains(lines.filter { $0 == "one" }.count))
        }
    }

    /// Shared memory counts against the job's own, and is bounded by half of it.
    @Test(arguments: LiveEngine.all) func sharedMemoryIsLimited(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let job = try phjob.end(of: phjob.submit("dd if=/dev/zero of=/dev/shm/full bs=1M count=200"))
            #expect(job.reason == .nonZeroExit)
            #expect(try phjob.log(job.id).text.contains("No space left"))
        }
    }

    /// Half a CPU is half of the time, whatever the machine has.
    @Test(arguments: LiveEngine.all) func processorTimeIsLimited(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            try phjob.requireLimit("cpu")
            let spin = "timeout 3 sh -c 'while :; do :; done' & "
            // The second line of times(1) tells what the shell's children have used: `0m1.50s 0m0.01s`.
            let job = try phjob.end(of: phjob.submit("\(spin)\(spin)wait; times"))
            let words = try #require(phjob.log(job.id).lines.last).split { "ms ".contains($0) }.compactMap {
                Double($0)
            }
            try #require(words.count == 4)
            let used = words[0] * 60 + words[1] + words[2] * 60 + words[3]
            let seconds = try #require(job.finishTime).seconds(since: #require(job.startTime))
            #expect((0.1..<seconds * 0.5 + 0.5).contains(used), "\(used) s of CPU in \(seconds) s")
        }
    }

    @Test(arguments: LiveEngine.all) func moreThanTheNodeHas(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let result = try phjob("submit", "--instance-type", "huge", "--", "true")
            #expect(result.status == 1)
            #expect(result.errors.contains("can never run here"))
            #expect(try phjob.jobs().isEmpty)
        }
    }

    /// Somebody may plan with more processors than there are; docker refuses a container that is given more.
    @Test(arguments: LiveEngine.all) func moreProcessorsThanTheMachineHas(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { _, catalogue in
            catalogue.node["cpus"] = .integer(2000)
        } _: { phjob in
            let job = try phjob.end(of: phjob.submit("echo ran", "--instance-type", "huge"))
            #expect(job.phase == .succeeded, "\(job.message)")
            #expect(try phjob.log(job.id).lines == ["ran"])
        }
    }
}
