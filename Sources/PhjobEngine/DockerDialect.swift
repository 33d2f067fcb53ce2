import FoundationEssentials
package import PhjobCore

/// docker 20.10 and later.
package struct DockerDialect: EngineDialect {
    package init() {}

    package var name: EngineName { .docker }
    /// The daemon writes json files of its own.
    package var writesLogFile: Bool { false }
    /// The daemon starts containers, and records it before anything runs.
    package var createdMeansNeverRan: Bool { true }
    package var ignoresImageVolumes: Bool { false }
    package var infoArguments: [String] { ["info", "--format={{json .}}"] }

    package func launchArguments(_ request: ContainerRequest, facts: EngineFacts, limits: ProcessLimits) -> [String] {
        var arguments: [String] = []
        if !request.gpus.isEmpty {
            // The value is read as CSV; without the quotes the comma would begin another field.
            let names = request.gpus.map { $0.uuid ?? "\($0.index)" }.joined(separator: ",")
            arguments.append(request.gpus.count == 1 ? "--gpus=device=\(names)" : "--gpus=\"device=\(names)\"")
        }
        // Without a value docker removes the variable, whatever the image or the proxies in the client's config.json
        // say (moby's API, `Env`; docker/cli, `ParseProxyConfig`): a job could read them in /proc/1/environ.
        arguments += ProxySettings.variables.map { "--env=\($0)" }
        let half = request.logMaxSize.bytes / 2
        // Each option that is not given here is the daemon's default for this driver (moby, `mergeAndVerifyLogConfig`):
        // `non-blocking` loses lines, and compressed files cannot be read here. What `labels`, `env` and `tag` add to a
        // line is passed over.
        return arguments + [
            "--log-driver=json-file", "--log-opt=max-size=\(half)", "--log-opt=max-file=2", "--log-opt=mode=blocking",
            "--log-opt=compress=false",
        ]
    }

    package func advice(onRefusal words: String) -> String {
        // The daemon's default is merged with our mode, and the two contradict each other.
        guard words.contains("max-buffer-size option is only supported") else { return "" }
        return "; remove 'max-buffer-size' from the log-opts in /etc/docker/daemon.json and restart docker: "
            + "jobs' logs are written in blocking mode, which loses no line"
    }

    package func removeArguments(_ names: [String]) -> [String] { ["rm", "--force", "--volumes", "--"] + names }

    package func pullArguments(_ reference: ImageReference) -> [String] { ["pull", "--", reference.text] }

    package func imageExistsArguments(_ reference: ImageReference) -> [String]? { nil }

    package func saysNoImage(_ words: String) -> Bool { words.lowercased().contains("no such image") }

    package var createOptions: [String] { [] }

    /// In the daemon's words, and in those of clients up to 20.10.
    package func saysNoFile(_ words: String, path: String, container: String) -> Bool {
        words.contains("Could not find the file \(path) in container \(container)")
            || words.contains("No such container:path: \(container):\(path)")
    }

    package func facts(from info: [UInt8]) throws(EngineError) -> EngineFacts {
        // swift-format-ignore: AlwaysUseLowerCamelCase
        struct Info: Decodable {
            var ServerVersion: String?
            var CgroupVersion: String?
            var SecurityOptions: [String]?
            var MemoryLimit: Bool?
            var CpuCfsQuota: Bool?
            var PidsLimit: Bool?
            var ServerErrors: [String]?
            var NCPU: Int64?
            var DockerRootDir: String?
            var Driver: String?
            /// Members of podman's answer.
            var host: JSONValue?
            var store: JSONValue?
        }
        guard let info = try? JSONDecoder().decode(Info.self, from: Data(info)) else {
            throw .garbled("'docker info' printed no description of the daemon")
        }
        // The package podman-docker has a `docker` that calls podman.
        if info.host != nil, info.store != nil {
            throw .notInstalled(
                "'docker' is podman here, under another name; set \"engine\": { \"name\": \"podman\" } in the catalogue"
            )
        }
        // The client answers with success even if its daemon does not.
        guard let version = info.ServerVersion, !version.isEmpty else {
            throw .unreachable(info.ServerErrors?.joined(separator: "; ") ?? "the docker daemon gave no version")
        }
        var unenforced: [String] = []
        if info.CpuCfsQuota == false { unenforced.append("cpu") }
        if info.MemoryLimit == false { unenforced.append("memory") }
        if info.PidsLimit == false { unenforced.append("pids") }
        return EngineFacts(
            name: .docker, version: version,
            isRootless: info.SecurityOptions?.contains { $0.contains("name=rootless") } ?? false,
            cgroupVersion: info.CgroupVersion.flatMap { Int($0) }, unenforcedLimits: unenforced,
            // A daemon that reads the machine wrongly says 0.
            processors: info.NCPU.flatMap { (1...1_000_000).contains($0) ? CPUAmount(milli: $0 * 1000) : nil },
            // The daemon's list of names, replaced by rename at every change; with containerd's image store there is
            // none.
            imageList: info.DockerRootDir.flatMap { root in
                info.Driver.map { "\(root)/image/\($0)/repositories.json" }
            }, recordDirectory: info.DockerRootDir.map { "\($0)/containers" }, storageDirectory: info.DockerRootDir)
    }
}
