import Dispatch
import FoundationEssentials
import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem
import Synchronization

/// What callers ask of the supervisor. All errors are ``PhjobError``s.
extension Supervisor {
    /// Checks a submission, and makes it a job that survives everything from here on.
    ///
    /// - Parameter isWanted: whether the caller still waits for the answer; nothing is made for one that has gone.
    /// - Returns: the job; an earlier one if the submission carries its idempotency key.
    func submit(
        _ submission: JobSubmission, caller: Caller, isWanted: () -> Bool = { true }
    ) throws -> JobView {
        let digest = try Self.digest(of: submission)
        if let key = submission.idempotencyKey, let earlier = try earlierJob(key: key, digest: digest, caller) {
            return view(earlier)
        }
        return try add(admit(submission, caller, contentDigest: digest), isWanted: isWanted)
    }

    /// Submits the same job again, with some things changed. Variables are their owner's: no one else gets their
    /// values.
    ///
    /// - Returns: the job, with a warning that names the variables that were left out.
    func rerun(
        _ selector: String, overrides: JobSubmission, caller: Caller, isWanted: () -> Bool = { true }
    ) throws -> JobView {
        let original = try record(of: find(selector, caller: caller)).job
        let old = original.spec
        let isOwn = state.withLock { Access(caller, $0.catalogue) }.isOwner(of: JobSummary(original))
        let given = overrides.environment ?? [:]
        let leftOut = isOwn ? [] : old.environment.keys.filter { given[$0] == nil }.sorted()
        let submission = JobSubmission(
            displayName: old.displayName, groupName: old.groupName, instanceType: old.instanceType.name,
            image: old.image.name, command: old.command, activeDeadlineSeconds: old.activeDeadlineSeconds,
            environment: isOwn ? old.environment : [:]
        ).overridden(by: overrides)
        var view = try rerun(
            original, as: submission, keepsDeadline: overrides.activeDeadlineSeconds == nil, caller, isWanted)
        if !leftOut.isEmpty {
            view.warnings = [SubmissionWarnings.variablesLeftOut(leftOut, owner: old.user.name)]
        }
        return view
    }

    private func rerun(
        _ original: Job, as submission: JobSubmission, keepsDeadline: Bool, _ caller: Caller, _ isWanted: () -> Bool
    ) throws -> JobView {
        let digest = try Self.digest(of: submission)
        if let key = submission.idempotencyKey, let earlier = try earlierJob(key: key, digest: digest, caller) {
            return view(earlier)
        }
        var spec = try admit(submission, caller, contentDigest: digest)
        // That a job has no deadline is kept too, even where its group has got a default one since.
        if keepsDeadline { spec.activeDeadlineSeconds = original.spec.activeDeadlineSeconds }
        spec.rerunOf = original.id
        return try add(spec, isWanted: isWanted)
    }

    /// What a submission would become, and the command that would start its container. Changes nothing.
    ///
    /// - Parameter isWanted: asked again before an engine is; `false` if the caller has gone.
    func tryOut(
        _ submission: JobSubmission, caller: Caller, isWanted: () -> Bool = { true }
    ) throws -> DryRunAnswer {
        let spec = try admit(submission, caller, contentDigest: Self.digest(of: submission))
        try state.withLock { state throws(PhjobError) in
            try checkRate(of: caller.user.name, in: &state, bytes: spec.submittedSize)
        }
        if let absence = try checkSources(of: spec) {
            throw PhjobError(.unavailable, absence, hint: "a job that is submitted now waits until it is there")
        }
        var generator = SystemRandomNumberGenerator()
        let now = Self.now
        let gpus = state.withLock { $0.gpus.examples(spec.instanceType.gpuLimit) }
        var job = Job(id: JobID(createdAt: now, using: &generator), spec: spec, createTime: now)
        let view = JobView(job, JobView.Circumstances(message: "was only tried"))
        _ = try job.handle(.admitted(gpus: gpus), at: now)
        let (engine, image) = try knownImage(ImageReference(parsing: spec.image.reference), isWanted)
        var request = ContainerRequest(
            for: job, imageID: image?.id ?? spec.image.reference, stateID: store.stateID,
            files: executor.files(of: job.id))
        request.seccompProfile = executor.seccomp.path(for: engine, log: log)
        try coverMounts(of: &request, for: spec)
        let command = engine.launchCommand(request)
        return DryRunAnswer(job: view, containerCommand: [command.executable] + command.arguments)
    }

    /// The engine, and what a reference stands for there. Few callers ask at a time; what is known is not asked for again.
    private func knownImage(_ reference: ImageReference, _ isWanted: () -> Bool) throws -> (Engine, ResolvedImage?) {
        executor.dryRunGate.wait()
        defer { executor.dryRunGate.signal() }
        guard isWanted() else { throw PhjobError(.unavailable, "the caller has gone") }
        return try Self.passingOn { () throws(EngineError) in
            let engine = try engines.find()
            return (engine, try executor.images.image(reference, engine: engine, stateID: store.stateID))
        }
    }

    func cancel(_ selector: String, caller: Caller) throws -> JobView {
        let id = try find(selector, caller: caller, to: .cancel)
        do {
            return try view(apply(.cancelRequested(userName: caller.user.name), to: id))
        } catch let error as IllegalTransition {
            throw PhjobError(
                .conflict, "job \(id) has already ended (\(error.phase.rawValue))", hint: "see 'phjob get \(id)'")
        } catch let error as SystemError {
            throw notSaved(error)
        }
    }

    /// The job that a selector names, among those that the caller may see.
    ///
    /// - Parameter action: what the caller wants beyond that.
    func find(_ selector: String, caller: Caller, to action: Access.Action? = nil) throws(PhjobError) -> JobID {
        try state.withLock { state throws(PhjobError) in
            let access = Access(caller, state.catalogue)
            let id = try state.table.find(selector, owner: caller.user.owner, isVisible: access.maySee)
            if let action, let summary = state.table.summary(id) { try access.check(action, on: summary) }
            return id
        }
    }

    func page(_ filter: JobFilter, caller: Caller) throws -> JobPage {
        let (page, revision, notice) = try state.withLock { state throws(PhjobError) in
            let groups = Access(caller, state.catalogue).groups
            if let foreign = filter.groups.first(where: { !groups.contains($0) }) {
                throw PhjobError(
                    .notFound,
                    "there is no group '\(TerminalText.quoted(foreign))' that \(caller.user.name) is a member of",
                    hint: "see 'phjob group list'")
            }
            let visible = caller.isAdministrator ? nil : groups
            let page = state.table.page(filter, owner: caller.user.owner, visibleGroups: visible)
            return (page, state.revision(for: Access(caller, state.catalogue)), state.drain?.message)
        }
        var items: [JobView] = []
        var budget = AnswerBudget()
        var last: JobID?
        var hasMore = page.hasMore
        for id in page.ids {
            if let job = try recordIfKept(of: id)?.job {
                guard budget.take(job.spec) else {
                    hasMore = true
                    break
                }
                items.append(view(job))
            }
            last = id
        }
        return JobPage(
            items: items, next: hasMore ? last : nil, total: page.total, revision: revision, notice: notice)
    }

    /// A job's record; nil if it was removed since its id was found.
    private func recordIfKept(of id: JobID) throws(PhjobError) -> JobRecord? {
        do {
            return try record(of: id)
        } catch {
            if state.withLock({ $0.table.contains(id) }) { throw error }
            return nil
        }
    }

    func record(of id: JobID) throws(PhjobError) -> JobRecord {
        if let record = state.withLock({ $0.table.live[id] }) { return record }
        return try load(id)
    }

    private func admit(_ submission: JobSubmission, _ caller: Caller, contentDigest: String) throws -> JobSpec {
        // Root's jobs would have root's rights on everybody's volumes.
        if mode == .system, caller.user.uid == 0 {
            throw PhjobError(
                .forbidden, "root cannot submit jobs to the runner that serves everybody",
                hint: "submit as an ordinary user, for example with 'runuser -u <name> -- phjob submit …'")
        }
        countGPUs(for: submission)
        let (catalogue, capacity) = state.withLock { ($0.catalogue, $0.capacity) }
        return try catalogue.admit(
            submission, caller: caller, capacity: capacity, contentDigest: contentDigest,
            groupID: { [users, mode] group throws(PhjobError) in
                guard mode == .system else { return nil }
                do throws(AccountLookupError) {
                    // What belongs to root's group on a volume is no group's of people.
                    return try CallerLookup(users: users).groupID(of: group).flatMap { $0 == 0 ? nil : $0 }
                } catch {
                    throw error.phjobError
                }
            })
    }

    private func add(_ spec: JobSpec, isWanted: () -> Bool) throws -> JobView {
        let user = spec.user
        // A job waits for what is away; what is of no use to it is refused.
        _ = try checkSources(of: spec)
        // Whether there is one at all is known only after a look, and an administrator may have installed one since the
        // last.
        if engines.current == nil, engines.problem == nil || engines.isMissing { _ = try? engines.find() }
        if engines.isMissing, let problem = engines.problem {
            throw PhjobError(.unavailable, problem.description, hint: "install one, then run 'phjob doctor'")
        }
        // The look may have taken seconds. A caller that was killed meanwhile believes that there is no job.
        guard isWanted() else {
            throw PhjobError(.unavailable, "the caller went away before the job was made, so it was not made")
        }
        let added = try state.withLock { state -> Job? in
            // Another request with the same key may have come between the look and the lock.
            if let key = spec.idempotency?.key,
                state.table.submissions[JobTable.SubmissionKey(owner: user.owner, key: key)] != nil
            {
                return nil
            }
            try checkLimits(spec, in: &state)
            var generator = SystemRandomNumberGenerator()
            let time = state.table.createTime(at: Self.now)
            var id = JobID(createdAt: time, using: &generator)
            while state.table.contains(id) { id = JobID(createdAt: time, using: &generator) }
            var record = JobRecord(job: Job(id: id, spec: spec, createTime: time))
            do {
                try store.create(&record)
            } catch {
                throw notSaved(error)
            }
            state.table.add(record)
            state.changes.jobChanged(state.table.summary(record.job.id))
            return record.job
        }
        guard let job = added else {
            let same = spec.idempotency
            guard let same, let earlier = try earlierJob(key: same.key, digest: same.contentDigest, owner: user.owner)
            else {
                throw PhjobError(.internalError, "the job with the same idempotency key is gone")
            }
            return view(earlier)
        }
        log.info("job", ["id": job.id.text, "phase": job.phase.rawValue, "user": user.name, "group": spec.groupName])
        watchers.notify(job.id)
        plan()
        return view(self.job(job.id) ?? job)
    }

    private func earlierJob(key: String, digest: String, _ caller: Caller) throws -> Job? {
        try earlierJob(key: key, digest: digest, owner: caller.user.owner)
    }

    private func earlierJob(key: String, digest: String, owner: JobOwner) throws -> Job? {
        let submissionKey = JobTable.SubmissionKey(owner: owner, key: key)
        guard let id = state.withLock({ $0.table.submissions[submissionKey] }) else { return nil }
        let job = try record(of: id).job
        guard job.spec.idempotency?.contentDigest == digest else {
            throw PhjobError(
                .conflict,
                "the idempotency key '\(TerminalText.quoted(key))' was used for job \(id), which is a different one",
                hint: "use another key for another job")
        }
        return job
    }

    /// What an idempotency key stands for: the submission without the key itself.
    private static func digest(of submission: JobSubmission) throws -> String {
        var content = submission
        content.idempotencyKey = nil
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return SHA256.hexDigest(of: Array(try encoder.encode(content)))
    }

    func notSaved(_ error: any Error) -> PhjobError {
        let isFull = (error as? SystemError)?.isOutOfSpace == true
        let advice = isFull ? "make room on the disk of \(store.layout.root)" : "see 'phjob doctor'"
        return PhjobError(
            .unavailable, "the job's record cannot be saved: \(error)", hint: "\(advice); nothing was changed")
    }

    private static func passingOn<Value>(_ body: () throws(EngineError) -> Value) throws(PhjobError) -> Value {
        do {
            return try body()
        } catch {
            throw PhjobError(.unavailable, error.description, hint: "see 'phjob doctor'")
        }
    }
}
