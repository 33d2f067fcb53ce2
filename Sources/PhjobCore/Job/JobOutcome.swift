/// How a job ended.
package struct JobOutcome: Sendable, Equatable, Codable {
    /// Final.
    package let phase: JobPhase
    package let reason: JobReason
    /// A sentence for a person.
    package var message: String
    /// As recorded by the engine; nil if no command ran or its end is unknown.
    package var exitCode: Int32?
    /// The name of the signal that ended the command, such as `SIGKILL`.
    package var signal: String?
    package var usage: Usage?
    /// How many of its processes were killed because its memory was used up; `nil` for none.
    package var outOfMemoryKills: Int64?
    /// Who cancelled it.
    package var cancelledBy: String?

    /// What the job used, where the kernel still told.
    package struct Usage: Sendable, Equatable, Codable {
        /// The most memory in use at once, with the page cache of the files that it read and wrote.
        package var peakMemory: MemorySize?
        /// The most memory without the page cache that was seen, in samples: the kernel keeps no peak of it.
        package var peakMemoryWithoutCache: MemorySize?
        package var cpuSeconds: Double?

        package init(
            peakMemory: MemorySize? = nil, peakMemoryWithoutCache: MemorySize? = nil, cpuSeconds: Double? = nil
        ) {
            self.peakMemory = peakMemory
            self.peakMemoryWithoutCache = peakMemoryWithoutCache
            self.cpuSeconds = cpuSeconds
        }
    }

    package init(
        phase: JobPhase, reason: JobReason, message: String, exitCode: Int32? = nil, signal: String? = nil,
        usage: Usage? = nil, cancelledBy: String? = nil
    ) {
        self.phase = phase
        self.reason = reason
        self.message = message
        self.exitCode = exitCode
        self.signal = signal
        self.usage = usage
        self.cancelledBy = cancelledBy
    }
}

extension JobOutcome {
    /// The outcome of a job whose container ended.
    ///
    /// - Parameters:
    ///   - exit: what engine and kernel say.
    ///   - intent: the first request to stop it, which decides if there is one.
    ///   - spec: for the amounts that messages name.
    package static func of(_ exit: ContainerExit, intent: StopIntent?, spec: JobSpec) -> JobOutcome {
        let signal = Signal.ofExitCode(exit.exitCode)
        let kills = exit.outOfMemory ? max(exit.outOfMemoryKills ?? 0, 1) : nil
        var outcome: JobOutcome
        if let intent {
            outcome = stopped(intent, spec: spec)
        } else if let time = exit.backstopTime(deadline: spec.activeDeadlineSeconds) {
            outcome = stopped(StopIntent(kind: .deadline, time: time), spec: spec)
        } else if !exit.isBelievable {
            return JobOutcome(
                phase: .unknown, reason: .containerLost,
                message: "the engine has the container but cannot say that its command ran to an end", usage: exit.usage
            ).adding(kills: kills)
        } else if exit.hasBegun == false, !(exit.outOfMemory && signal == .kill) {
            // No exit code is recorded: it is not the command's.
            return JobOutcome(
                phase: .failed, reason: .containerFailed, message: neverBegan(exit, signal: signal), usage: exit.usage
            ).adding(kills: kills)
        } else if exit.exitCode == 0 {
            outcome = JobOutcome(phase: .succeeded, reason: .completed, message: "the command ended with exit code 0")
        } else if exit.exitCode == Signal.kill.exitCode, exit.outOfMemory {
            outcome = JobOutcome(phase: .failed, reason: .outOfMemory, message: memoryMessage(exit, spec: spec))
        } else if let signal {
            // With either of them docker's daemon ends all containers when it is restarted (without `live-restore`).
            let cause =
                switch signal {
                case .kill where exit.mayBeLogOut, .terminate where exit.mayBeLogOut:
                    "ended by \(signal.name), not by phjob; systemd does so after you log out: "
                        + "run 'loginctl enable-linger'"
                case .kill: "killed by SIGKILL, not by phjob and not known to be for memory; was the engine restarted?"
                case .terminate: "ended by SIGTERM, not by phjob; was the engine restarted?"
                default: "ended by \(signal.name)"
                }
            outcome = JobOutcome(phase: .failed, reason: .signalled, message: "the command was \(cause)")
        } else {
            outcome = JobOutcome(
                phase: .failed, reason: .nonZeroExit,
                message: "the command ended with exit code \(exit.exitCode); see 'phjob logs'")
        }
        outcome = outcome.adding(kills: kills)
        outcome.usage = exit.usage
        if exit.isBelievable {
            outcome.exitCode = exit.exitCode
            outcome.signal = signal?.name
        }
        return outcome
    }

    /// The same, with how many of its processes were killed because its memory was used up; said unless that is its reason.
    func adding(kills: Int64?) -> JobOutcome {
        guard let kills, kills > 0 else { return self }
        var outcome = self
        outcome.outOfMemoryKills = kills
        if reason != .outOfMemory { outcome.message = MemoryKills.adding(kills, to: message) }
        return outcome
    }

    /// The outcome that an intent decides.
    package static func stopped(_ intent: StopIntent, spec: JobSpec) -> JobOutcome {
        switch intent.kind {
        case .cancel:
            let who = intent.userName ?? "an unknown user"
            return JobOutcome(
                phase: .cancelled, reason: .cancelledByUser, message: "cancelled by \(who)",
                cancelledBy: intent.userName)
        case .deadline:
            let limit = TimeSpan(seconds: spec.activeDeadlineSeconds ?? 0).short
            return JobOutcome(
                phase: .failed, reason: .deadlineExceeded,
                message: "stopped because it ran longer than its deadline of \(limit)")
        case .scratchLimit:
            let limit = spec.settings.scratchMaxSize.map { "the \($0)" } ?? "what"
            return JobOutcome(
                phase: .failed, reason: .scratchLimitExceeded,
                message:
                    "stopped because it wrote more than \(limit) that a job may have beside its volume and datasets; "
                    + "put large files on the group's volume")
        }
    }

    private static func neverBegan(_ exit: ContainerExit, signal: Signal?) -> String {
        let end = signal.map { "was ended by \($0.name)" } ?? "ended with exit code \(exit.exitCode)"
        let words = exit.words.map { ": \($0)" } ?? ", and its log does not say why"
        let isForeign = exit.words?.lowercased().contains("exec format error") == true
        let hint = isForeign ? "; is the image made for this machine's processor architecture?" : ""
        return "the command never began: the container \(end)\(words)\(hint)"
    }

    private static func memoryMessage(_ exit: ContainerExit, spec: JobSpec) -> String {
        let peak = exit.usage?.peakMemory.map { " (peak \($0))" } ?? ""
        return "killed because it needed more than the \(spec.instanceType.memoryLimit) of memory of instance type "
            + "'\(spec.instanceType.name)'\(peak); choose a larger one"
    }
}
