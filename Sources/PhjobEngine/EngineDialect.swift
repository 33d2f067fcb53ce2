package import PhjobCore

/// Where podman and docker differ: in some arguments and in what their answers look like.
///
/// Everything here is pure: values to arguments, bytes to values.
package protocol EngineDialect: Sendable {
    var name: EngineName { get }
    /// Whether the engine writes the log to the file that the request names; else it must be asked for it.
    var writesLogFile: Bool { get }
    /// Whether a container that the engine calls `created`, and that no client is at work on, has certainly never run.
    var createdMeansNeverRan: Bool { get }
    /// Whether containers get no volumes of their own where the image declares some.
    var ignoresImageVolumes: Bool { get }
    /// Arguments that ask the engine about itself.
    var infoArguments: [String] { get }
    func facts(from info: [UInt8]) throws(EngineError) -> EngineFacts
    /// The arguments of `run` that only this engine knows, or writes differently.
    func launchArguments(_ request: ContainerRequest, facts: EngineFacts, limits: ProcessLimits) -> [String]
    func removeArguments(_ names: [String]) -> [String]
    /// What a person can do about a refused launch, if the engine's words alone do not say it; else empty.
    func advice(onRefusal words: String) -> String
    func pullArguments(_ reference: ImageReference) -> [String]
    /// Arguments that ask whether there is an image, answered by the exit status: 0 if there is one, and 1 if there is
    /// none. `nil` if the engine says it in words only (``saysNoImage(_:)``).
    func imageExistsArguments(_ reference: ImageReference) -> [String]?
    /// Whether the words of a failed `image inspect` say that there is no such image.
    func saysNoImage(_ words: String) -> Bool
    /// The arguments of `create` that only this engine knows.
    var createOptions: [String] { get }
    /// Whether the words of a failed `cp` say that the container has nothing at a path.
    func saysNoFile(_ words: String, path: String, container: String) -> Bool
}

extension EngineDialect {
    /// Keeps NVIDIA's runtime and hook, where an engine calls them for every container, from giving GPUs to one because
    /// its image's variable asks for them, which images made with CUDA do (`NVIDIA_VISIBLE_DEVICES=all`; NVIDIA
    /// Container Toolkit, "Specialized Configurations with Docker": with `void` nothing is done).
    ///
    /// What gives GPUs to a job overrides it: docker's `--gpus` adds the variable once more, behind this one (moby,
    /// `daemon/nvidia_linux.go`), and a CDI specification names devices. Values of the job itself never reach the
    /// engine.
    private static var noGPUsByVariable: String { "--env=NVIDIA_VISIBLE_DEVICES=void" }

    /// The shell that every image must have.
    private static var shell: String { "/bin/sh" }

    /// The whole argument list that starts a container, detached: neither the runner's death nor a client's touches it.
    package func runArguments(_ request: ContainerRequest, facts: EngineFacts, limits: ProcessLimits) -> [String] {
        let memory = request.memory.bytes
        var arguments = ["run", "--detach", "--name=\(request.name)"]
        arguments += request.labels.arguments
        arguments += ["--pull=never", "--restart=no", "--init", "--stop-signal=SIGTERM", "--no-healthcheck"]
        arguments += ["--stop-timeout=\(request.stopGraceSeconds)", "--user=\(request.user.uid):\(request.user.gid)"]
        arguments += request.groupIDs.map { "--group-add=\($0)" }
        arguments += ["--cap-drop=ALL", "--security-opt=no-new-privileges", "--ipc=private"]
        // Where root's engine maps uids by default (docker's `userns-remap`, podman's `userns`), the submitter's uid
        // would be another one on the host, which may not enter the mounts
        // (docs.docker.com/engine/security/userns-remap).
        if !facts.isRootless { arguments.append("--userns=host") }
        if request.network != "default" { arguments.append("--network=\(request.network)") }
        // Without --memory-swap the engines allow as much again in swap.
        let cpu = min(request.cpu, facts.processors ?? request.cpu)
        arguments += ["--cpus=\(cpu)", "--memory=\(memory)", "--memory-swap=\(memory)"]
        // Half of the memory, as the kernel sizes a tmpfs by default (tmpfs(5)); its pages count against the limit.
        arguments += [
            "--shm-size=\(max(memory / 2, 1 << 20))", "--pids-limit=\(request.pidsLimit)", "--ulimit=core=0:0",
        ]
        arguments.append(Self.noGPUsByVariable)
        arguments += launchArguments(request, facts: facts, limits: limits)
        for mount in request.mounts {
            // Private also where the engine's defaults are others: what is mounted on the host later, below a read-only
            // mount too, would appear writable.
            let access = mount.isReadOnly ? ",ro=true" : ""
            arguments.append(
                "--mount=type=bind,src=\(mount.source),dst=\(mount.target)\(access),bind-propagation=rprivate")
        }
        arguments += [
            "--workdir=\(ContainerRequest.Place.home)", "--entrypoint=\(Self.shell)",
        ]
        // Named as the shell's operand, the script need not lie on a file system from which programs may be run.
        return arguments + ["--", request.imageID, ContainerRequest.Place.launcherScript]
    }

    package func inspectArguments(_ names: [String]) -> [String] { ["container", "inspect", "--"] + names }

    package func imageInspectArguments(_ reference: ImageReference) -> [String] {
        ["image", "inspect", "--", reference.text]
    }

    package func stopArguments(_ name: String, graceSeconds: Int64) -> [String] {
        ["stop", "--time=\(graceSeconds)", "--", name]
    }

    /// Prints the log with a time before each line, from a time on.
    package func logArguments(_ name: String, since: String?, follow: Bool) -> [String] {
        let options = (follow ? ["--follow"] : []) + (since.map { ["--since=\($0)"] } ?? [])
        return ["logs", "--timestamps"] + options + ["--", name]
    }

    /// Prints the last lines of a container's log.
    package func logEndArguments(_ name: String) -> [String] { ["logs", "--tail=3", "--", name] }

    package func killArguments(_ name: String) -> [String] { ["kill", "--signal=KILL", "--", name] }

    /// Lists the ids and names of all containers of a state directory, or of one of its jobs: `id,name` a line. Several
    /// filters by label must all fit (docker-ps(1), podman-ps(1)).
    package func listArguments(stateID: String, job: JobID? = nil) -> [String] {
        let job = job.map { ["--filter=label=\(ContainerLabels.jobKey)=\($0)"] } ?? []
        return ["ps", "--all", "--no-trunc", "--filter=label=\(ContainerLabels.stateKey)=\(stateID)"] + job
            + ["--format={{.ID}},{{.Names}}"]
    }

    /// Makes a container that is never started, to read files out of an image.
    ///
    /// What an image says of its user, working directory and signal is read by the engine even then, and may be wrong
    /// (`USER nosuch`): it is replaced by what every image has.
    package func createArguments(name: String, stateID: String, imageID: String) -> [String] {
        let neutral = ["--user=0:0", "--workdir=/", "--stop-signal=SIGTERM", "--no-healthcheck", "--entrypoint=/none"]
        let own = ["create", "--name=\(name)", "--label=\(ContainerLabels.stateKey)=\(stateID)", "--pull=never"]
        return own + ["--network=none"] + neutral + createOptions + ["--", imageID]
    }

    /// Prints a file of a container as a tar archive.
    package func copyArguments(name: String, path: String) -> [String] { ["cp", "--", "\(name):\(path)", "-"] }
}
