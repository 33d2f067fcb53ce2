import Glibc
import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem

/// Gets a job's image and makes its files. May be repeated: nothing of the job has run yet.
struct Preparation {
    private let context: EffectContext
    /// Lines of what the engine says while it pulls that are shown in a second.
    private static let progressPerSecond = 20
    /// Bytes that are kept of it.
    private static let preparationLogLimit = 1 << 20

    init(_ context: EffectContext) {
        self.context = context
    }

    private enum Failure: Error {
        case image(String)
        case container(String)
        case notPermitted(String)
        /// Something that the job gets cannot be reached.
        case away(String)
    }

    func run() {
        guard let abandon = begin() else { return }
        defer { context.executor.endPreparation(of: context.id) }
        var backoff = Backoff(first: 1, longest: 30)
        // Looked at after it can be abandoned: who cancelled before that knew nothing to abandon.
        while isWanted {
            guard let engine = context.engine(abandon: abandon.descriptor) else { return }
            do {
                let image = try prepare(with: engine, abandon: abandon.descriptor)
                return context.report(.prepared(image, bootID: Boot.id))
            } catch Failure.image(let message) {
                return context.report(.preparationFailed(.imageUnavailable, message: message))
            } catch Failure.notPermitted(let message) {
                return context.report(.preparationFailed(.notPermitted, message: message))
            } catch Failure.container(let message) {
                return context.report(.preparationFailed(.containerFailed, message: message))
            } catch Failure.away(let words) {
                context.supervisor.setProgress("waits: \(words)", of: context.id)
            } catch EngineError.refused(let words) {
                return context.report(.preparationFailed(.containerFailed, message: words))
            } catch EngineError.outOfSpace(let words) {
                context.supervisor.setProgress("waits: \(EngineError.outOfSpace(words))", of: context.id)
            } catch let error as EngineError {
                // The engine is away, which says nothing about the job: it waits with its place kept.
                context.sayWaiting(error)
            } catch let error as AccountLookupError {
                context.supervisor.setProgress("waits: \(error)", of: context.id)
            } catch let error as SystemError
                where error.isOutOfSpace || [EIO, EROFS, EMFILE, ENFILE].contains(error.number)
            {
                context.supervisor.setProgress("waits for this to be mended: \(error)", of: context.id)
            } catch {
                return context.report(
                    .preparationFailed(.containerFailed, message: "the job's directories cannot be made: \(error)"))
            }
            backoff.wait(abandon: abandon.descriptor)
        }
    }

    private func begin() -> Wakeup? {
        var backoff = Backoff(first: 1, longest: 30)
        while isWanted {
            do {
                return try context.executor.beginPreparation(of: context.id)
            } catch {
                context.log.warning("preparation-waits", ["job": context.id.text, "why": error.description])
                backoff.wait()
            }
        }
        return nil
    }

    private var isWanted: Bool { context.supervisor.job(context.id)?.phase == .preparing }

    private func prepare(with engine: Engine, abandon: Descriptor) throws -> ResolvedImage {
        let job = context.job
        try checkPermission()
        if let words = try absentSource() { throw Failure.away(words) }
        var image = try image(with: engine, abandon: abandon)
        image.engine = engine.facts.name.rawValue
        if let problem = image.architecture.flatMap({
            ImageArchitecture.problem($0, machine: Machine.architecture, formats: Machine.registeredFormats)
        }) {
            throw Failure.container("\(problem) (\(job.spec.image.reference))")
        }
        let facts = try context.executor.imageFacts.facts(of: image, engine: engine, stateID: context.store.stateID)
        let spec = job.spec
        guard facts.hasShell else {
            throw Failure.container("the image '\(spec.image.name)' has no /bin/sh, which phjob needs to run a command")
        }
        guard isWanted else { throw Failure.container("is no longer wanted") }
        var links: [String: String] = [:]
        if spec.volume != nil { links[spec.groupName] = ContainerRequest.Place.volume(of: spec.groupName) }
        for dataset in spec.datasets {
            links["datasets/\(dataset.name)"] = ContainerRequest.Place.dataset(dataset.name)
        }
        // A group may be called "datasets"; then the group's link would stand where the directory must be.
        if spec.groupName == "datasets", !spec.datasets.isEmpty { links["datasets"] = nil }
        try context.store.prepare(
            context.id,
            files: JobFiles(
                launcher: LauncherScript(for: job, timeZone: HostTimeZone.identifier()).text, command: spec.command,
                passwd: AccountFiles.passwd(of: spec.user, image: facts.passwd),
                group: AccountFiles.group(
                    of: spec.user, shared: spec.groupID.map { (spec.groupName, $0) }, image: facts.group),
                links: links, hasTemporary: spec.settings.scratchMaxSize != nil),
            user: spec.user)
        // Once more: a pull may have taken hours.
        try checkPermission()
        return image
    }

    /// - Throws: ``Failure/container(_:)`` for a directory that can be of no use to the job.
    private func absentSource() throws -> String? {
        do throws(PhjobError) {
            return try context.supervisor.checkSources(of: context.job.spec)
        } catch {
            throw Failure.container(error.message)
        }
    }

    /// - Throws: ``Failure/notPermitted(_:)`` if the submitter has lost a right since; `AccountLookupError`.
    private func checkPermission() throws {
        if let why = try context.supervisor.whyNotPermitted(context.job.spec) { throw Failure.notPermitted(why) }
    }

    private func image(with engine: Engine, abandon: Descriptor) throws -> ResolvedImage {
        let wanted = context.job.spec.image
        let reference: ImageReference
        do {
            reference = try ImageReference(parsing: wanted.reference)
        } catch {
            // A job of an earlier version may have waited with it.
            throw Failure.image(error.message)
        }
        let resolve = { () throws -> ResolvedImage? in
            do throws(EngineError) {
                return try context.executor.images.image(reference, engine: engine, stateID: context.store.stateID)
            } catch .refused(let words) {
                throw Failure.image(
                    "the engine cannot say whether it has the image '\(wanted.name)' (\(reference)): \(words)")
            }
        }
        if wanted.pullPolicy != .always, let image = try resolve() { return image }
        guard wanted.pullPolicy != .never else {
            throw Failure.image(
                "the image '\(wanted.name)' (\(reference)) is not on this machine, and the catalogue says never to pull it"
            )
        }
        try pull(wanted, reference, with: engine, abandon: abandon)
        guard let image = try resolve() else {
            throw Failure.image(
                "the image \(reference) was pulled, and yet the engine does not have it under that name")
        }
        return image
    }

    private func pull(
        _ wanted: JobSpec.Image, _ reference: ImageReference, with engine: Engine, abandon: Descriptor
    ) throws {
        let (supervisor, id) = (context.supervisor, context.id)
        let path = context.store.layout.job(id).preparationLog
        let head = try Descriptor(opening: path, flags: O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW)
        var interval = (begin: Monotonic.now, count: 0)
        let say = { (line: String) in
            // However much the client prints, the disk and who waits for news are spared.
            if let size = try? head.status().st_size, size < Self.preparationLogLimit {
                try? head.write(LogRecord.encode("phjob: \(line)", time: Supervisor.now.description))
            }
            if interval.begin.adding(seconds: 1) <= .now { interval = (.now, 0) }
            interval.count += 1
            guard interval.count <= Self.progressPerSecond else { return }
            supervisor.setProgress(line, of: id)
        }
        say("pulling the image \(wanted.reference)")
        do {
            try engine.pull(reference, directory: context.store.layout.cache, abandon: abandon) { say("pull: \($0)") }
        } catch EngineError.refused(let words) {
            // The client's words do not tell a registry that refuses from an engine that is away; the engine itself does.
            _ = try engine.names(stateID: context.store.stateID)
            throw Failure.image("the image '\(wanted.name)' (\(wanted.reference)) cannot be pulled: \(words)")
        }
        say("pulled the image \(wanted.reference)")
    }
}
