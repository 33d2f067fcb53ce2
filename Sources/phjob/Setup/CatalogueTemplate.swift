import FoundationEssentials
import PhjobCore

/// The catalogue that `phjob init` writes: JSON with comments that explain it.
struct CatalogueTemplate: Sendable, Equatable {
    var userName: String
    /// Whether it is for everybody on the machine; then it has no group, as nobody knows whom.
    var isForEverybody = false
    var node: NodeSize
    /// The host directory for the group; nil for none.
    var volume: String?
    /// Names and references.
    var images: [LocalImage]
    var engine = Catalogue.EngineChoice.auto
    var engineEnvironment: [String: String] = [:]
    var network = "default"
    /// Why it is not the engine's default network.
    var networkReason: String?

    struct LocalImage: Sendable, Equatable {
        var name: String
        var reference: String
    }

    var groupName: String { Self.groupName(for: userName) }

    /// A user's name as the name of a group.
    static func groupName(for userName: String) -> String {
        let allowed = userName.lowercased().map { Name.isValid("a\($0)a") ? $0 : "-" }
        let isEdge = { (character: Character) in ".-_".contains(character) }
        let start = allowed.drop(while: isEdge)
        var name = String(start.prefix(63))
        while let last = name.last, isEdge(last) { name.removeLast() }
        name = name.replacing("..", with: "-")
        return Name.isValid(name) ? name : "jobs"
    }

    var text: String {
        """
        // What phjob may run, for whom, and within which limits. JSON; comments and trailing commas are allowed.
        // A change takes effect at once; 'phjob catalogue check' lists all that is wrong with it.
        {
            "schema": 1,

            // Which container engine runs the jobs: podman, docker, or auto (podman if it works, else docker);
            // and variables for its command line.
            "engine": \(Self.object([("name", Self.quoted(engine.rawValue))] + environmentMember)),

            // What jobs can have together is what the machine has (\(node.processors) CPUs, \(node.memory) of memory,
            // \(node.gpus) GPUs when this was written) less this reserve.
            "node": {"reserve": {"memory": \(Self.quoted("\(node.reserve.bytes >> 20)M"))}},

            \(groupComment)
            "groups": \(isForEverybody ? Self.list([], comment: Self.exampleGroup) : Self.list([Self.object(groupMembers)])),

            // Amounts of CPU, memory and GPUs that a job can ask for, with 'phjob submit --instance-type'.
            "instanceTypes": \(Self.list(node.shares.map(Self.entry))),

            // What jobs run in, with 'phjob submit --image'. "pullPolicy" is missing (fetch it if it is not here), always or
            // never; "urlForGpu" is used with instance types that have GPUs.
            "images": \(Self.list(images.map(Self.entry), comment: imageComment)),

            // Directories of this machine that jobs see as /datasets/<name>, read-only unless "writable" is true.
            "datasets": \(Self.list([], comment: #"{"name": "mnist", "path": "/data/mnist"},"#)),

            // What a job gets that does not say otherwise.
            "defaults": \(Self.object(defaultMembers)),

            "limits": {
                // Seconds that a job may run, unless it or its group says otherwise; 0 for as long as it likes.
                "defaultActiveDeadlineSeconds": 86400,
                // Whether a job may be submitted with a deadline of 0, which means none.
                "allowNoDeadline": \(!isForEverybody),
                // Seconds between SIGTERM and SIGKILL when a job is cancelled or its deadline has passed.
                "stopGraceSeconds": 10,
                // Seconds that the log of a job is kept after its end; and its largest size.
                "logRetentionSeconds": 604800,
                "logMaxSize": "1G",
                // Processes of a job.
                "pidsLimit": 4096,
                // The engine's network for jobs: default, none, or the name of one.\(networkComment)
                "network": \(Self.quoted(network)),\(isForEverybody ? Self.exampleLimits : "")
            },
        }

        """
    }

    private var groupComment: String {
        guard isForEverybody else {
            return """
                // People who share jobs and a volume. The volume is a directory of this machine; jobs see it as /project/<name>.
                    // "jobDefaultActiveDeadlineSeconds" changes the deadline of jobs that are submitted without one.
                """
        }
        return """
            // People who share jobs, a volume and quotas. Who is in a group is said by a Unix group of this machine ("unixGroup"),
                // by names ("users"), or by both; who leaves it has no right any more, at once. The volume is a directory of this
                // machine, which jobs see as /project/<name>; all above it must be root's alone. "quota…" is what each member may have
                // at once, "projectQuota…" what all may have together: Cpu, Memory, Gpu, RunningJobs, WaitingJobs. With "ownerOnly"
                // members neither read the logs of the others' jobs nor cancel them.
            """
    }

    private static let exampleGroup = """
        {"name": "lab", "unixGroup": "lab", "volume": "/srv/lab", "quotaGpu": 1, "quotaWaitingJobs": 100, "projectQuotaCpu": 16, \
        "projectQuotaMemory": "64G"},
        """

    private static let exampleLimits = """

                // What one user may have: jobs that wait, submissions in a minute, connections, logs and waits at a time.
                // "perUser": {"waitingJobs": 1000, "submissionsPerMinute": 600, "connections": 64, "streams": 32},
                // The largest size of what a job writes beside its volume and datasets, which is gone when it ends.
                // "scratchMaxSize": "100G",
        """

    private var environmentMember: [(String, String)] {
        let variables = engineEnvironment.sorted { $0.key < $1.key }.map { ($0.key, Self.quoted($0.value)) }
        return variables.isEmpty ? [] : [("environment", Self.object(variables))]
    }

    private var groupMembers: [(String, String)] {
        [("name", Self.quoted(groupName)), ("users", "[\(Self.quoted(userName))]")]
            + (volume.map { [("volume", Self.quoted($0))] } ?? [])
    }

    private var defaultMembers: [(String, String)] {
        let image = images.first { $0.name == "base" } ?? images.first
        return (isForEverybody ? [] : [("group", Self.quoted(groupName))])
            + (node.shares.first.map { [("instanceType", Self.quoted($0.name))] } ?? [])
            + (image.map { [("image", Self.quoted($0.name))] } ?? [])
    }

    private var imageComment: String? {
        images.isEmpty ? #"{"name": "base", "url": "localhost/phjob/base:latest", "pullPolicy": "never"},"# : nil
    }

    private var networkComment: String {
        networkReason.map { "\n        // The default one does not work here: \(Self.oneLine($0))" } ?? ""
    }

    private static func entry(_ share: NodeSize.Share) -> String {
        object(
            [("name", quoted(share.name)), ("cpuLimit", share.cpus), ("memoryLimit", quoted(share.memory))]
                + (share.gpus > 0 ? [("gpuLimit", "\(share.gpus)")] : []))
    }

    private static func entry(_ image: LocalImage) -> String {
        object([("name", quoted(image.name)), ("url", quoted(image.reference)), ("pullPolicy", quoted("never"))])
    }

    private static func object(_ members: [(String, String)]) -> String {
        "{\(members.map { "\(quoted($0.0)): \($0.1)" }.joined(separator: ", "))}"
    }

    private static func list(_ entries: [String], comment: String? = nil) -> String {
        let lines = entries.map { "        \($0),\n" } + (comment.map { ["        // \($0)\n"] } ?? [])
        return "[\n\(lines.joined())    ]"
    }

    private static func quoted(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        guard let data = try? encoder.encode(text) else { return "\"\"" }
        return String(decoding: data, as: UTF8.self)
    }

    /// Words that are safe in a comment.
    private static func oneLine(_ text: String) -> String {
        let plain = TerminalText.escaped(text)
        return plain.count > 300 ? plain.prefix(300) + "…" : plain
    }
}
