import PhjobAPI
import PhjobCore

/// All that is known of a job: PrimeHub's information page, and ours below it.
enum JobForm {
    static func form(_ job: JobView, now: Timestamp) -> Form {
        let moment = { (time: Timestamp?) in time.map { TimeText.moment($0, now: now) } ?? "-" }
        var form = Form()
        form.add("Status", job.phase.rawValue, Palette.style(of: job.phase))
        form.add("Message", job.message)
        form.add("Reason", job.reason.rawValue)
        form.add("Job ID", job.id.text)
        form.add("Job Name", job.displayName)
        form.add("Schedule", job.recurrence ?? "-")
        form.add("User", job.userName)
        form.add("Queue Position", job.queuePosition.map { "\($0)" })
        form.add("Priority", job.priority.map { "\($0)" })
        form.add("Created", moment(job.createTime))
        form.add("Started", moment(job.startTime))
        form.add("Finished", moment(job.finishTime))
        form.add("Duration", TimeText.duration(of: job, now: now) ?? "-")
        form.add("Deadline", deadline(job, now: now))
        form.add("Group", job.groupName)
        form.add("Instance Type", instanceType(job.instanceType))
        form.add("GPUs", gpus(job))
        form.add("Image", "\(job.image) (\(job.imageUrl))")
        form.add("Image Digest", job.imageDigest)
        form.add("Volume", job.volume)
        form.add("Datasets", job.datasets.isEmpty ? nil : job.datasets.joined(separator: ", "))
        form.add("Variables", job.environmentNames.isEmpty ? nil : job.environmentNames.joined(separator: ", "))
        form.add("Exit Code", job.exitCode.map { "\($0)" })
        form.add("Signal", job.signal)
        form.add("Peak Memory", peakMemory(job))
        form.add("CPU Time", job.cpuSeconds.map { "\(($0 * 10).rounded() / 10) s" })
        form.add("Cancelled By", job.cancelledBy)
        form.add("Rerun Of", job.rerunOf?.text)
        form.add("Idempotency Key", job.idempotencyKey)
        form.add(
            "Not Enforced", job.unenforcedLimits.isEmpty ? nil : job.unenforcedLimits.joined(separator: ", ") + " limit"
        )
        form.add("Log", log(job.log, now: now))
        form.add("History", history(job))
        form.add("Command", job.command.hasSuffix("\n") ? job.command : job.command + "\n")
        return form
    }

    /// `cpu-2 (2 CPUs, 4G of memory, no GPU)`.
    static func instanceType(_ type: JobView.InstanceType) -> String {
        let amounts = [cpus(type.cpuLimit), "\(type.memoryLimit) of memory", gpus(type.gpuLimit)]
        return "\(type.name) (\(amounts.joined(separator: ", ")))"
    }

    static func cpus(_ amount: CPUAmount) -> String { "\(amount) CPU\(amount.milli == 1000 ? "" : "s")" }

    static func gpus(_ count: Int) -> String { count == 0 ? "no GPU" : "\(count) GPU\(count == 1 ? "" : "s")" }

    /// `0 (GPU-5d1d…), 3 (GPU-a008…)`.
    private static func gpus(_ job: JobView) -> String? {
        guard !job.gpus.isEmpty else { return nil }
        let uuids = job.gpuUUIDs ?? []
        guard uuids.count == job.gpus.count else { return job.gpus.map { "\($0)" }.joined(separator: ", ") }
        return zip(job.gpus, uuids).map { "\($0) (\($1))" }.joined(separator: ", ")
    }

    /// `1.9G (312M without page cache)`.
    private static func peakMemory(_ job: JobView) -> String? {
        job.peakMemoryBytes.map { peak in
            let part = job.peakMemoryWithoutCacheBytes.map { " (\(MemorySize(bytes: $0)) without page cache)" }
            return MemorySize(bytes: peak).description + (part ?? "")
        }
    }

    private static func deadline(_ job: JobView, now: Timestamp) -> String {
        guard let seconds = job.activeDeadlineSeconds, seconds > 0 else { return "none" }
        let length = TimeSpan(seconds: seconds).short
        guard let time = job.deadlineTime else { return "\(length) after the start" }
        return "\(length): \(TimeText.moment(time, now: now))"
    }

    private static func log(_ log: JobView.Log, now: Timestamp) -> String {
        var text =
            switch log.state {
            case .none: "nothing was printed"
            case .growing: "growing"
            case .complete: log.incomplete == nil ? "complete" : "ended"
            case .expired: "expired" + (log.expireTime.map { " \(TimeText.moment($0, now: now))" } ?? "")
            }
        if log.state == .complete, let time = log.expireTime { text += "; goes \(TimeText.moment(time, now: now))" }
        if let cause = log.incomplete { text += "; \(log.droppedBytes == nil ? "may lack" : "lacks") lines: \(cause)" }
        return text
    }

    private static func history(_ job: JobView) -> String? {
        job.history.isEmpty
            ? nil
            : job.history.map { "\($0.time)  \($0.phase.rawValue) (\($0.reason.rawValue))" }.joined(separator: "\n")
                + "\n"
    }
}
