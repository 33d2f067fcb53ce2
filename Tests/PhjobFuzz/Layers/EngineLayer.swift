import FoundationEssentials
import PhjobCore
import PhjobEngine

/// What engines print of themselves and of their containers.
enum EngineLayer: FuzzLayer {
    static let name = "engine"

    private static let samples = [
        #"""
        {"host":{"conmon":{"path":"/usr/bin/conmon"},"cgroupVersion":"v2","cgroupControllers":["cpu","memory","pids"],
        "security":{"rootless":true}},"store":{"graphDriverName":"overlay","graphOptions":{},
        "graphRoot":"/var/lib/containers/storage"},"version":{"Version":"4.3.1"}}
        """#,
        #"""
        {"Driver":"overlay2","MemoryLimit":true,"CpuCfsQuota":true,"PidsLimit":true,"CgroupVersion":"1",
        "ServerVersion":"20.10.24+dfsg1","SecurityOptions":["name=seccomp,profile=default"],
        "DockerRootDir":"/var/lib/docker","ServerErrors":["a"]}
        """#,
        #"""
        [{"Id":"cf206ed8","State":{"Status":"exited","Running":false,"OOMKilled":false,"Pid":24754,"ExitCode":137,"Error":"",
        "StartedAt":"2026-11-21T08:13:24.299836881Z","FinishedAt":"2026-11-21T08:13:24.300584484+01:00"},
        "Name":"/phjob-job-202611210800-aaaaaa","Config":{"Labels":{"phjob.job":"job-202611210800-aaaaaa"}}}]
        """#,
    ]

    private static let values = samples.map { text -> JSONValue in
        (try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))) ?? .null
    }

    static func run(_ random: inout Randomness) throws(Violation) -> Bool {
        let index = random.number(0...samples.count - 1)
        var bytes = Array(samples[index].utf8)
        switch random.number(0...3) {
        case 0: break
        case 1: bytes = Mutation.bytes(bytes, &random)
        default:
            var value = values[index]
            for _ in 0..<random.number(1...3) { value = JSONTree.changed(value, &random) }
            bytes = Array(JSONTree.text(value, &random).utf8)
        }
        return index == 2 ? try inspect(bytes) : try facts(bytes)
    }

    private static func facts(_ bytes: [UInt8]) throws(Violation) -> Bool {
        var isAccepted = false
        for dialect in [PodmanDialect(), DockerDialect()] as [any EngineDialect] {
            guard case .success(let facts) = Result(catching: { try dialect.facts(from: bytes) }) else { continue }
            try Check.isTrue(!facts.version.isEmpty || facts.name == .podman, "a daemon without a version")
            isAccepted = true
        }
        return isAccepted
    }

    private static func inspect(_ bytes: [UInt8]) throws(Violation) -> Bool {
        guard let all = try? JSONDecoder().decode([ContainerInspection].self, from: Data(bytes)) else { return false }
        for inspection in all {
            let exit = inspection.exit
            // Success needs proof: a container that has ended, and was seen to start and to end.
            let isProved = inspection.isEnded && inspection.startTime != nil && inspection.finishTime != nil
            try Check.isTrue(!exit.isBelievable || isProved, "an end is believed that has no proof: \(inspection)")
            try Check.isTrue(!(inspection.isEnded && inspection.isRunning), "it runs and has ended: \(inspection)")
        }
        return !all.isEmpty
    }
}
