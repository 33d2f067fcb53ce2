package import PhjobCore

/// A container to be started, in words that belong to no engine.
///
/// There is no field for privileges, capabilities, devices, host namespaces or further arguments: what cannot be said
/// cannot be asked for.
package struct ContainerRequest: Sendable, Equatable {
    /// By which it is found again.
    package var name: String
    package var labels: ContainerLabels
    /// The engine's id of the image.
    package var imageID: String
    package var user: JobSpec.User
    /// Gids that its processes have beside the user's own.
    package var groupIDs: [UInt32]
    /// `none`, `default`, or a network's name.
    package var network: String
    package var cpu: CPUAmount
    package var memory: MemorySize
    package var pidsLimit: Int
    /// The GPUs that it may see.
    package var gpus: [GPU]
    package var mounts: [Mount]
    package var stopGraceSeconds: Int64
    /// Seconds after which the engine itself ends it, should the runner not be there; nil for never.
    package var backstopSeconds: Int64?
    package var logMaxSize: MemorySize
    /// The file that the engine writes the log to, if it can be told.
    package var logPath: String
    /// The file that the engine writes the number of the first process to, if it can be told.
    package var pidPath: String
    /// A seccomp profile for an engine that takes one from a file; `nil` for the engine's own.
    package var seccompProfile: String?

    /// A host directory or file shown in the container.
    package struct Mount: Sendable, Equatable {
        package var source: String
        package var target: String
        package var isReadOnly: Bool

        package init(_ source: String, at target: String, isReadOnly: Bool = false) {
            self.source = source
            self.target = target
            self.isReadOnly = isReadOnly
        }
    }

    package init(
        name: String, labels: ContainerLabels, imageID: String, user: JobSpec.User,
        groupIDs: [UInt32] = [], network: String, cpu: CPUAmount, memory: MemorySize, pidsLimit: Int, gpus: [GPU],
        mounts: [Mount], stopGraceSeconds: Int64,
        backstopSeconds: Int64?,
        logMaxSize: MemorySize, logPath: String, pidPath: String
    ) {
        self.name = name
        self.labels = labels
        self.imageID = imageID
        self.user = user
        self.groupIDs = groupIDs
        self.network = network
        self.cpu = cpu
        self.memory = memory
        self.pidsLimit = pidsLimit
        self.gpus = gpus
        self.mounts = mounts
        self.stopGraceSeconds = stopGraceSeconds
        self.backstopSeconds = backstopSeconds
        self.logMaxSize = logMaxSize
        self.logPath = logPath
        self.pidPath = pidPath
    }
}

extension ContainerRequest {
    /// Where a job finds its things inside the container.
    package enum Place {
        package static let home = "/home/jovyan"
        package static let launcher = "/run/phjob"
        package static let launcherScript = "/run/phjob/start"
        package static let command = "/run/phjob/command"
        /// The launcher empties this file just before the command begins: truncation needs no space on the disk.
        package static let mark = "/run/phjob/began"

        package static func volume(of group: String) -> String { "/project/\(group)" }
        package static func dataset(_ name: String) -> String { "/datasets/\(name)" }
    }

    /// The host's files that are made for one job before its container.
    package struct Files: Sendable, Equatable {
        package var home: String
        package var temporary: String
        package var launcher: String
        /// The file that the launcher empties when the command begins.
        package var mark: String
        package var passwd: String
        package var group: String
        package var log: String
        package var pid: String

        package init(
            home: String, temporary: String, launcher: String, mark: String, passwd: String, group: String, log: String,
            pid: String
        ) {
            self.home = home
            self.temporary = temporary
            self.launcher = launcher
            self.mark = mark
            self.passwd = passwd
            self.group = group
            self.log = log
            self.pid = pid
        }
    }

    /// The container of a job.
    package init(for job: Job, imageID: String, stateID: String, files: Files) {
        let spec = job.spec
        var mounts = [
            Mount(files.home, at: Place.home), Mount(files.launcher, at: Place.launcher, isReadOnly: true),
            Mount(files.mark, at: Place.mark),
            Mount(files.passwd, at: "/etc/passwd", isReadOnly: true),
            Mount(files.group, at: "/etc/group", isReadOnly: true),
        ]
        // Of what is the image's a job without root's rights can write nowhere else (hier(7)), and there it could not
        // be counted.
        if spec.settings.scratchMaxSize != nil {
            mounts += ["/tmp", "/var/tmp"].map { Mount(files.temporary, at: $0) }
        }
        if let volume = spec.volume { mounts.append(Mount(volume, at: Place.volume(of: spec.groupName))) }
        mounts += spec.datasets.map { Mount($0.path, at: Place.dataset($0.name), isReadOnly: !$0.writable) }
        self.init(
            name: job.id.containerName, labels: ContainerLabels(job: job.id, state: stateID), imageID: imageID,
            user: spec.user, groupIDs: spec.groupID.map { [$0] } ?? [],
            network: spec.settings.network, cpu: spec.instanceType.cpuLimit, memory: spec.instanceType.memoryLimit,
            pidsLimit: spec.settings.pidsLimit, gpus: job.heldGPUs, mounts: mounts,
            stopGraceSeconds: spec.settings.stopGraceSeconds,
            backstopSeconds: spec.activeDeadlineSeconds.map { $0 + spec.settings.stopGraceSeconds + 60 },
            logMaxSize: spec.settings.logMaxSize, logPath: files.log, pidPath: files.pid)
    }
}
