import PhjobAPI
import PhjobArguments
import PhjobCore
import PhjobEngine
import PhjobRunner
import PhjobStore
import PhjobSystem

/// `phjob doctor`
struct DoctorCommand: Command {
    var json = false

    static let info = CommandInfo(
        name: "doctor", summary: "check the whole path, and say what to do where it fails",
        discussion: """
            Looks at the catalogue, the engine, images, limits, directories, disks and the runner, then runs a job of two seconds. \
            Ends with 1 if something failed; warnings do not count.

            Where one runner is for everybody, an ordinary user's looks at that runner alone; root's looks at everything, but \
            runs no job.
            """,
        examples: [
            ("phjob doctor", "after an installation, or when jobs do not start"),
            ("phjob doctor --json | jq '.[] | select(.state != \"ok\")'", "for a monitoring system"),
        ])
    static let arguments: [ArgumentSpec<Self>] = [
        .flag("--json", to: \.json, help: "print the findings as a JSON list")
    ]

    func run(_ context: Context) throws -> Int32 {
        var all: [Finding] = []
        func tell(_ findings: [Finding]) throws {
            all += findings
            if json { return }
            for finding in findings { try context.output.write(finding.text(context.output.palette)) }
        }
        try check(context, tell)
        if json { try context.printJSON(all) }
        let failures = all.count { $0.state == .failed }
        if failures > 0 { context.note("\(failures) of \(all.count) checks failed") }
        return failures == 0 ? 0 : 1
    }

    private func check(_ context: Context, _ tell: ([Finding]) throws -> Void) throws {
        let setup = try context.runner()
        // A socket that was chosen may be that of a runner for everybody.
        let status = try? setup.finder.find().map { try setup.finder.client(at: $0).status() }
        let isForEverybody = status?.isForEverybody ?? (setup.choice.mode == .system)
        try tell([Self.mode(isForEverybody: isForEverybody, because: setup.choice.reason)])
        guard isForEverybody else {
            return try checkPersonal(context, setup.paths, tell)
        }
        guard context.user()?.uid == 0 else { return try checkAsUserOfSystem(context, tell) }
        try checkAsRoot(
            context, catalogue: status?.catalogue ?? setup.paths.catalogue,
            state: status?.stateDirectory ?? setup.paths.state, tell)
    }

    /// - Parameter isForEverybody: by the runner's own word, if it answers; else by where it is.
    static func mode(isForEverybody: Bool, because reason: String) -> Finding {
        .ok(
            "mode",
            (isForEverybody ? "system: one runner for everybody" : "personal: a runner of your own")
                + ", because \(reason)")
    }

    private func checkPersonal(
        _ context: Context, _ paths: Paths, _ tell: ([Finding]) throws -> Void
    ) throws {
        let (findings, catalogue) = Self.catalogue(paths.catalogue) { catalogue in
            let user = context.user()
            if let user, !catalogue.groups(of: CallerLookup().caller(user, catalogue)).isEmpty { return nil }
            let name = user?.name ?? "this user"
            return .failed(
                "catalogue", "\(paths.catalogue) has no group with \(name) in it",
                advice: "add \(name) to the users of a group")
        }
        try tell(findings)
        try checkEngine(context, catalogue, state: paths.state, isForEverybody: false, tell)
        guard let catalogue else { return }
        let caller = context.user().map { CallerLookup().caller($0, catalogue) }
        try tell(
            (caller.map { StorageChecks.volumes(catalogue, $0) } ?? []) + StorageChecks.datasets(catalogue)
                + StorageChecks.mountedBelow(catalogue))
        let runner = RunnerChecks(context: context, engine: catalogue.engine)
        let (status, canRun) = runner.status()
        try tell(status)
        if canRun, !catalogue.images.isEmpty { try tell([runner.job()]) }
    }

    /// Only what the runner says: its engine is not for its users to call.
    private func checkAsUserOfSystem(_ context: Context, _ tell: ([Finding]) throws -> Void) throws {
        let runner = RunnerChecks(context: context)
        let (findings, canRun) = runner.status()
        try tell(findings)
        guard let client = try? context.client(), let status = try? client.status() else { return }
        try tell(SystemUserChecks.engine(status))
        let catalogue = SystemUserChecks(client: client).catalogue()
        try tell([catalogue])
        if canRun, catalogue.state == .ok { try tell([runner.job()]) }
    }

    private func checkAsRoot(
        _ context: Context, catalogue path: String, state: String, _ tell: ([Finding]) throws -> Void
    ) throws {
        let (findings, catalogue) = Self.catalogue(path) { _ in nil }
        try tell(findings)
        try checkEngine(context, catalogue, state: state, isForEverybody: true, tell)
        try tell([
            SystemChecks.versions(path: EngineProbe.path(of: context.environment)),
            SystemChecks.privileges(dockerMembers: UnixGroup.members(named: SystemChecks.dockerGroup)),
            SystemChecks.administrators(),
        ])
        guard let catalogue else { return }
        try tell(SystemChecks.mounts(catalogue) + StorageChecks.mountedBelow(catalogue))
        try tell(RunnerChecks(context: context).status().findings)
        try tell([.ok("job", "none is tried, as root runs none: run 'phjob doctor' as an ordinary user")])
    }

    /// Looks at the engine, and at the disks that it and jobs write to.
    private func checkEngine(
        _ context: Context, _ catalogue: Catalogue?, state: String, isForEverybody: Bool,
        _ tell: ([Finding]) throws -> Void
    ) throws {
        let settings = catalogue?.engine ?? Catalogue.EngineSettings(choice: .auto, environment: [:])
        switch EngineChecks.find(settings, context.environment) {
        case .failure(let error): try tell([EngineChecks.missing(error, isForEverybody: isForEverybody)])
        case .success(let engine):
            guard let catalogue, let user = context.user() else { break }
            let checks = EngineChecks(
                engine: engine, catalogue: catalogue, user: user, scratch: "\(StateLayout(root: state).cache)/probe")
            try tell(checks.usable)
            let (images, present) = checks.images()
            try tell(images)
            if let present { try tell([checks.container(present)]) }
            try tell(GPUChecks(catalogue, engine: engine)?.findings() ?? [])
            let layout = StateLayout(root: state)
            let now = Timestamp(milliseconds: WallClock.milliseconds)
            let leftovers = LeftoverContainers.finding(engine, layout, now: now)
            try tell([checks.namespaces(), checks.survival(), checks.leaks(layout), leftovers].compactMap(\.self))
            if let directory = engine.facts.storageDirectory {
                try tell([StorageChecks.space("images", at: directory)])
            }
        }
        try tell([StorageChecks.space("jobs", at: state)])
    }

    /// - Parameter objection: what is wrong with a catalogue that is valid.
    private static func catalogue(
        _ path: String, objection: (Catalogue) -> Finding?
    ) -> ([Finding], Catalogue?) {
        do {
            let catalogue = try CatalogueFile.load(path)
            return ([objection(catalogue) ?? .ok("catalogue", "\(path) is valid")], catalogue)
        } catch {
            return ([.failed("catalogue", error.message, advice: error.hint ?? "mend it")], nil)
        }
    }
}
