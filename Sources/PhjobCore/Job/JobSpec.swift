/// Everything a job needs, resolved against the catalogue at submission: a later change of the catalogue changes no
/// job. What it withdraws keeps a job from beginning, on a server for many (``Catalogue/whatIsWithdrawn(from:)``).
package struct JobSpec: Sendable, Equatable, Codable {
    package var displayName: String
    /// The person whose job it is, known by their Unix user.
    package var user: User
    package var groupName: String
    /// The script's text. A first line `#!` names its interpreter.
    package var command: String
    /// The job's own variables.
    package var environment: [String: String]
    /// Seconds from the start to the deadline; nil for none.
    package var activeDeadlineSeconds: Int64?
    package var instanceType: Instance
    package var image: Image
    /// The host directory mounted at `/project/<group>`; nil if the group has none.
    package var volume: String?
    /// Whether ``volume`` must be a mount point for the job to start; `nil` for no.
    package var volumeMustBeMounted: Bool?
    package var datasets: [Dataset]
    /// The rights that the job's new files do not get; `nil` in records of versions that left it to the engine.
    package var umask: FileModeMask?
    package var settings: Settings
    /// The gid of the group's Unix group, which the job's processes have beside the submitter's own; nil if it has
    /// none.
    package var groupID: UInt32?
    /// The job that this one repeats.
    package var rerunOf: JobID?
    package var idempotency: Idempotency?

    package struct User: Sendable, Equatable, Codable {
        package var name: String
        package var uid: UInt32
        package var gid: UInt32

        package init(name: String, uid: UInt32, gid: UInt32) {
            self.name = name
            self.uid = uid
            self.gid = gid
        }
    }

    /// The instance type as it was when the job was submitted.
    package struct Instance: Sendable, Equatable, Codable {
        package var name: String
        package var displayName: String
        package var cpuLimit: CPUAmount
        package var memoryLimit: MemorySize
        package var gpuLimit: Int

        package init(name: String, displayName: String, cpuLimit: CPUAmount, memoryLimit: MemorySize, gpuLimit: Int) {
            self.name = name
            self.displayName = displayName
            self.cpuLimit = cpuLimit
            self.memoryLimit = memoryLimit
            self.gpuLimit = gpuLimit
        }

        package var demand: ResourceAmount { ResourceAmount(cpu: cpuLimit, memory: memoryLimit, gpus: gpuLimit) }
    }

    /// The image as it was when the job was submitted.
    package struct Image: Sendable, Equatable, Codable {
        package var name: String
        package var displayName: String
        /// The reference that the instance type's kind (with or without GPUs) selects.
        package var reference: String
        package var pullPolicy: PullPolicy

        package init(name: String, displayName: String, reference: String, pullPolicy: PullPolicy) {
            self.name = name
            self.displayName = displayName
            self.reference = reference
            self.pullPolicy = pullPolicy
        }
    }

    package struct Dataset: Sendable, Equatable, Codable {
        package var name: String
        /// The host directory mounted at `/datasets/<name>`.
        package var path: String
        package var writable: Bool
        /// Whether ``path`` must be a mount point for the job to start; `nil` for no.
        package var mustBeMounted: Bool?

        package init(name: String, path: String, writable: Bool, mustBeMounted: Bool? = nil) {
            self.name = name
            self.path = path
            self.writable = writable
            self.mustBeMounted = mustBeMounted
        }
    }

    /// The catalogue's rules for every job.
    package struct Settings: Sendable, Equatable, Codable {
        /// The engine's network for the container: `none`, `default`, or a network's name.
        package var network: String
        package var pidsLimit: Int
        /// Seconds between SIGTERM and SIGKILL.
        package var stopGraceSeconds: Int64
        /// Bytes on disk that the log may take.
        package var logMaxSize: MemorySize
        /// Seconds that the log is kept after the job's end.
        package var logRetentionSeconds: Int64
        /// Bytes that the job may have on the disk beside its volume and datasets; nil for as many as there is room for.
        package var scratchMaxSize: MemorySize?
        /// The proxies in the job's environment; `nil` for none.
        package var proxy: ProxySettings?

        package init(
            network: String, pidsLimit: Int, stopGraceSeconds: Int64, logMaxSize: MemorySize,
            logRetentionSeconds: Int64, scratchMaxSize: MemorySize? = nil, proxy: ProxySettings? = nil
        ) {
            self.network = network
            self.pidsLimit = pidsLimit
            self.stopGraceSeconds = stopGraceSeconds
            self.logMaxSize = logMaxSize
            self.logRetentionSeconds = logRetentionSeconds
            self.scratchMaxSize = scratchMaxSize
            self.proxy = proxy
        }
    }

    /// The caller's key for this submission, and what it stood for.
    package struct Idempotency: Sendable, Equatable, Codable {
        package var key: String
        /// SHA-256 of the submission's content, in hexadecimal.
        package var contentDigest: String

        package init(key: String, contentDigest: String) {
            self.key = key
            self.contentDigest = contentDigest
        }
    }

    package init(
        displayName: String, user: User, groupName: String, command: String, environment: [String: String],
        activeDeadlineSeconds: Int64?, instanceType: Instance, image: Image, volume: String?, datasets: [Dataset],
        settings: Settings, groupID: UInt32? = nil, rerunOf: JobID? = nil, idempotency: Idempotency? = nil,
        volumeMustBeMounted: Bool? = nil, umask: FileModeMask? = nil
    ) {
        self.volumeMustBeMounted = volumeMustBeMounted
        self.umask = umask
        self.displayName = displayName
        self.user = user
        self.groupName = groupName
        self.command = command
        self.environment = environment
        self.activeDeadlineSeconds = activeDeadlineSeconds
        self.instanceType = instanceType
        self.image = image
        self.volume = volume
        self.datasets = datasets
        self.settings = settings
        self.groupID = groupID
        self.rerunOf = rerunOf
        self.idempotency = idempotency
    }

    /// The bytes that its submitter wrote: of the script, and of the variables with their names.
    package var submittedSize: Int {
        environment.reduce(command.utf8.count) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    }
}
