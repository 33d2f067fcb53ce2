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
        let paths = try context.paths()
        let layout = StateLayout(root: paths.state)
        let (findings, catalogue) = Self.catalogue(paths.catalogue, user: context.user())
        try tell(findings)
        let settings = catalogue?.engine ?? Catalogue.EngineSettings(choice: .auto, environment: [:])
        switch EngineChecks.find(settings, context.environment) {
        case .failure(let error): try tell([EngineChecks.missing(error)])
        case .success(let engine):
            guard let catalogue, let user = context.user() else { break }
            let checks = EngineChecks(
                engine: engine, catalogue: catalogue, user: user, scratch: "\(layout.cache)/probe")
            try tell(checks.usable)
            let (images, present) = checks.images()
            try tell(images)
            if let present { try tell([checks.container(present)]) }
            try tell([checks.survival(), checks.leaks()].compactMap(\.self))
            if let directory = engine.facts.storageDirectory {
                try tell([StorageChecks.space("images", at: directory)])
            }
        }
        try tell([StorageChecks.space("jobs", at: paths.state)])
        guard let catalogue else { return }
        let caller = context.user().map { CallerLookup().caller($0, catalogue) }
        try tell((caller.map { StorageChecks.volumes(catalogue, $0) } ?? []) + StorageChecks.datasets(catalogue))
        let runner = RunnerChecks(context: context)
        let (status, canRun) = runner.status()
        try tell(status)
        if canRun, !catalogue.images.isEmpty { try tell([runner.job()]) }
    }

    private static func catalogue(_ path: String, user: UserAccount?) -> ([Finding], Catalogue?) {
        do {
            let catalogue = try CatalogueFile.load(path)
            guard let user, !catalogue.groups(of: CallerLookup().caller(user, catalogue)).isEmpty else {
                let name = user?.name ?? "this user"
                return (
                    [
                        .failed(
                            "catalogue", "\(path) has no group with \(name) in it",
                            advice: "add \(name) to the users of a group")
                    ],
                    catalogue
                )
            }
            return ([.ok("catalogue", "\(path) is valid")], catalogue)
        } catch {
            return ([.failed("catalogue", error.message, advice: error.hint ?? "mend it")], nil)
        }
    }
}
