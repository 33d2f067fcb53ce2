package import PhjobCore

/// A job as the API shows it: PrimeHub's fields, and ours beside them. Fields are added, never changed or removed.
package struct JobView: Sendable, Equatable, Codable {
    package var id: JobID
    package var displayName: String
    package var groupName: String
    package var userName: String
    package var phase: JobPhase
    package var reason: JobReason
    package var message: String
    package var createTime: Timestamp
    package var startTime: Timestamp?
    package var finishTime: Timestamp?
    /// When a running job's time is up.
    package var deadlineTime: Timestamp?
    package var activeDeadlineSeconds: Int64?
    package var command: String
    /// The name of its schedule; jobs that were submitted by hand have none.
    package var recurrence: String?
    package var instanceType: InstanceType
    /// The catalogue's name of the image.
    package var image: String
    package var imageDisplayName: String
    package var imageUrl: String
    /// What ran: `name@sha256:…` of a registry, else `sha256:…` of this machine.
    package var imageDigest: String?
    package var volume: String?
    package var datasets: [String]
    /// The names of the job's own variables. Values are nobody's business but the job's.
    package var environmentNames: [String]
    /// The indices of its GPUs.
    package var gpus: [Int]
    /// Their UUIDs, as far as they are known.
    package var gpuUUIDs: [String]?
    package var exitCode: Int32?
    package var signal: String?
    /// With the page cache of the files that the job read and wrote.
    package var peakMemoryBytes: Int64?
    /// Without it: the most that was seen, in samples.
    package var peakMemoryWithoutCacheBytes: Int64?
    /// How many of its processes were killed because its memory was used up; also while it runs.
    package var outOfMemoryKills: Int64?
    package var cpuSeconds: Double?
    package var cancelledBy: String?
    /// 1 for the job that starts next.
    package var queuePosition: Int?
    /// A waiting job's, unless it is 0.
    package var priority: Int?
    /// Who holds a waiting job back.
    package var heldBy: String?
    package var rerunOf: JobID?
    package var idempotencyKey: String?
    package var log: Log
    /// Limits that this machine's engine does not keep, such as `memory`.
    package var unenforcedLimits: [String]
    /// What the submitter should know of this machine, and of what a rerun has not taken over; only in the answer to a
    /// submission.
    package var warnings: [String]?
    /// The members that only the beginning is here of, as in the answer to a wait for many large jobs. The job itself has all.
    package var shortened: [String]?
    package var history: [Job.PhaseChange]

    package struct InstanceType: Sendable, Equatable, Codable {
        package var name: String
        package var displayName: String
        package var cpuLimit: CPUAmount
        /// With its unit, as in the catalogue.
        package var memoryLimit: String
        package var memoryLimitBytes: Int64
        package var gpuLimit: Int

        package init(_ instance: JobSpec.Instance) {
            name = instance.name
            displayName = instance.displayName
            cpuLimit = instance.cpuLimit
            memoryLimit = instance.memoryLimit.description
            memoryLimitBytes = instance.memoryLimit.bytes
            gpuLimit = instance.gpuLimit
        }
    }

    /// What there is of the job's log.
    package struct Log: Sendable, Equatable, Codable {
        package var state: State
        /// Why it may lack lines.
        package var incomplete: String?
        /// Bytes of it, with the times that stand before each line, that were dropped between its first and its last part as it
        /// reached its bound; absent if none were, or nothing tells how many.
        package var droppedBytes: Int64?
        /// When it goes, or went.
        package var expireTime: Timestamp?

        package enum State: String, Sendable, Codable {
            /// Nothing was printed yet, or nothing ever ran.
            case none
            /// The job can still print.
            case growing
            case complete
            case expired
        }

        package init(state: State, incomplete: String? = nil, expireTime: Timestamp? = nil) {
            self.state = state
            self.incomplete = incomplete
            self.expireTime = expireTime
        }
    }
}

extension JobView {
    /// What is missing of a log.
    package struct LogLoss: Sendable {
        package var words: String
        /// Nil if nothing tells how many.
        package var bytes: Int64?

        package init(words: String, bytes: Int64?) {
            self.words = words
            self.bytes = bytes
        }
    }

    /// What is known of a job beside its record.
    package struct Circumstances: Sendable {
        /// Why it waits, or how far its image has come.
        package var reason: JobReason?
        package var message: String?
        package var queuePosition: Int?
        package var logExists: Bool
        package var logIsComplete: Bool
        /// What was dropped of the log as it reached its bound.
        package var logDropped: LogLoss?
        package var unenforcedLimits: [String]

        package init(
            reason: JobReason? = nil, message: String? = nil, queuePosition: Int? = nil, logExists: Bool = false,
            logIsComplete: Bool = true, unenforcedLimits: [String] = []
        ) {
            self.reason = reason
            self.message = message
            self.queuePosition = queuePosition
            self.logExists = logExists
            self.logIsComplete = logIsComplete
            self.unenforcedLimits = unenforcedLimits
        }
    }

    /// The view of a record.
    package init(_ job: Job, _ circumstances: Circumstances) {
        let spec = job.spec
        id = job.id
        displayName = spec.displayName
        groupName = spec.groupName
        userName = spec.user.name
        phase = job.phase
        createTime = job.createTime
        startTime = job.startTime
        finishTime = job.finishTime
        activeDeadlineSeconds = spec.activeDeadlineSeconds
        command = spec.command
        instanceType = InstanceType(spec.instanceType)
        image = spec.image.name
        imageDisplayName = spec.image.displayName
        imageUrl = spec.image.reference
        volume = spec.volume
        datasets = spec.datasets.map(\.name)
        environmentNames = spec.environment.keys.sorted()
        var devices = job.heldGPUs
        queuePosition = circumstances.queuePosition
        rerunOf = spec.rerunOf
        idempotencyKey = spec.idempotency?.key
        unenforcedLimits = circumstances.unenforcedLimits
        history = job.history
        log = Log(state: circumstances.logExists ? .growing : .none)
        var image: ResolvedImage?
        switch job.state {
        case .pending(let pending):
            priority = pending.priority == 0 ? nil : pending.priority
            (reason, message) = (.waitingForTurn, "waits to be started")
            if let hold = pending.hold {
                heldBy = hold.userName
                let release = hold.isByAdministrator ? "an administrator" : "'phjob set --release'"
                (reason, message) = (.held, "is held back by \(hold.userName) until \(release) releases it")
            }
        case .preparing(let preparing):
            image = preparing.launch?.image
            let isLaunching = preparing.launch != nil
            reason = isLaunching ? .startingContainer : .preparingImage
            message =
                isLaunching ? "the container is being started" : "the image and the directories are being prepared"
            if preparing.intent != nil { (reason, message) = (.stopping, "is being stopped as soon as it has started") }
        case .running(let running):
            image = running.image
            deadlineTime = running.deadline
            reason = running.intent == nil ? .started : .stopping
            message =
                switch running.intent?.kind {
                case nil: "the job is running"
                case .cancel: "is being stopped because \(running.intent?.userName ?? "somebody") cancelled it"
                case .deadline: "is being stopped because its deadline has passed"
                case .scratchLimit: "is being stopped because it has written more than it may"
                }
            outOfMemoryKills = running.outOfMemoryKills
            if let kills = MemoryKills.words(running.outOfMemoryKills) { message += "; \(kills)" }
        case .ended(let ended):
            image = ended.image
            (reason, message) = (ended.outcome.reason, ended.outcome.message)
            devices = ended.gpus
            exitCode = ended.outcome.exitCode
            signal = ended.outcome.signal
            peakMemoryBytes = ended.outcome.usage?.peakMemory?.bytes
            peakMemoryWithoutCacheBytes = ended.outcome.usage?.peakMemoryWithoutCache?.bytes
            outOfMemoryKills = ended.outcome.outOfMemoryKills
            cpuSeconds = ended.outcome.usage?.cpuSeconds
            cancelledBy = ended.outcome.cancelledBy
            let state: Log.State =
                if ended.logExpireTime != nil { .expired } else if !circumstances.logIsComplete { .growing } else {
                    circumstances.logExists ? .complete : .none
                }
            log = Log(
                state: state, incomplete: ended.logIncomplete,
                expireTime: ended.logExpireTime
                    ?? ended.finishTime.adding(seconds: spec.settings.logRetentionSeconds))
        }
        if let loss = circumstances.logDropped, log.state == .growing || log.state == .complete {
            log.incomplete = [log.incomplete, loss.words].compactMap(\.self).joined(separator: "; ")
            log.droppedBytes = loss.bytes
        }
        gpus = devices.map(\.index)
        gpuUUIDs = devices.isEmpty ? nil : devices.compactMap(\.uuid)
        imageDigest = image.map { $0.repoDigest ?? "sha256:\($0.id)" }
        if let other = circumstances.reason { reason = other }
        if let other = circumstances.message { message = other }
    }
}
