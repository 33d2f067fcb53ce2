import PhjobTestSupport

@testable import PhjobCore
@testable import PhjobEngine

/// Values that the tests of this target begin with.
enum EngineSample {
    static let imageID = String(repeating: "0f", count: 32)
    static let containerID = String(repeating: "ab", count: 32)
    static let stateID = "s1"
    static let limits = ProcessLimits(openFiles: nil, processes: nil)
    static let podman = EngineFacts(
        name: .podman, version: "4.3.1", isRootless: false, cgroupVersion: 2, unenforcedLimits: [])
    static let docker = EngineFacts(
        name: .docker, version: "20.10.24", isRootless: false, cgroupVersion: 2, unenforcedLimits: [])
    static let files = ContainerRequest.Files(
        home: "/state/jobs/j/home", temporary: "/state/jobs/j/tmp", launcher: "/state/jobs/j/launcher",
        mark: "/state/jobs/j/launcher/began", passwd: "/state/jobs/j/passwd",
        group: "/state/jobs/j/group", log: "/state/jobs/j/log", pid: "/state/jobs/j/pid")

    /// A job that was let to start, with these GPUs.
    static func job(spec: JobSpec = SampleJob.spec(), gpus: [GPU] = []) throws -> Job {
        var job = SampleJob.job(spec: spec)
        _ = try job.handle(.admitted(gpus: gpus), at: SampleJob.time)
        return job
    }

    static func request(spec: JobSpec = SampleJob.spec(), gpus: [GPU] = []) throws -> ContainerRequest {
        ContainerRequest(for: try job(spec: spec, gpus: gpus), imageID: imageID, stateID: stateID, files: files)
    }
}

extension GPU: ExpressibleByIntegerLiteral {
    /// A GPU of which only the index is known.
    public init(integerLiteral index: Int) { self.init(index: index) }
}
