import Glibc
import PhjobAPI
import PhjobArguments
import PhjobCore
import PhjobEngine
import PhjobRunner
import PhjobStore
import PhjobSystem

/// `phjob init`
struct InitCommand: Command {
    var engine = EngineArgument.auto
    var engineEnvironment: [EnvironmentSetting] = []
    var network: String?
    var force = false
    var printsOnly = false

    enum EngineArgument: String, CaseIterable, ArgumentValue {
        case auto
        case podman
        case docker

        static var valueName: String { "engine" }
    }

    static let info = CommandInfo(
        name: "init", summary: "make a set-up that works: the catalogue, and a volume",
        discussion: """
            Writes a catalogue with comments: a group named after you with a directory for its volume, instance types that fit \
            this machine, and the images that were built on it. A catalogue that is there is left alone unless --force is given; \
            it is then kept beside the new one, as config.json.old.

            Where one runner is for everybody there is nothing to set up, and it says so; --personal makes a set-up of your own all \
            the same. With --system it writes the catalogue of the runner for everybody, which has no group yet.

            With an image at hand it tries whether containers can have the engine's default network here; if they can start only \
            without one, that is what it writes.
            """,
        examples: [
            ("phjob init", "set up with podman if it works, else docker"),
            ("phjob init --engine docker --network none", "choose the engine; jobs get no network"),
            ("phjob init --print", "see what it would write"),
            ("phjob init --system --print", "see a catalogue for everybody on this machine"),
        ])
    static let arguments: [ArgumentSpec<Self>] = [
        .option("--engine", to: \.engine, help: "the container engine; auto is podman if it works, else docker"),
        .option(
            "--engine-env", to: \.engineEnvironment,
            help: "a variable for the engine's command line, such as CONTAINERS_CONF"),
        .option(
            "--network", to: \.network, value: "name", help: "the engine's network for jobs: default, none, or a name",
            default: "what works"),
        .flag("--force", to: \.force, help: "replace a catalogue that is there"),
        .flag("--print", to: \.printsOnly, help: "print it; write nothing, and start no container"),
    ]

    func run(_ context: Context) throws -> Int32 {
        try checkNeed(context)
        let mode = context.demandedMode ?? .personal
        let paths = try context.setup(mode).paths
        if !printsOnly, !force, access(paths.catalogue, F_OK) == 0 {
            throw PhjobError(
                .conflict, "there is a catalogue already: \(TerminalText.escaped(paths.catalogue))",
                hint: "edit it, or replace it with 'phjob init --force'")
        }
        let template = try template(mode, paths, context)
        let text = template.text
        try Self.check(text)
        guard !printsOnly else {
            try context.output.write(text)
            return 0
        }
        if let volume = template.volume { try Directory.create(volume) }
        try Self.write(text, to: paths.catalogue, for: mode)
        try context.print(paths.catalogue)
        tell(template, context)
        return 0
    }

    /// - Throws: ``PhjobError`` if a runner for everybody serves this user already, and nobody asked for another.
    private func checkNeed(_ context: Context) throws {
        guard context.demandedMode == nil, !printsOnly else { return }
        let setup = try context.runner()
        guard setup.choice.mode == .system, let socket = try setup.finder.find() else { return }
        throw PhjobError(
            .conflict,
            "there is nothing to set up: a runner for everybody serves you at \(TerminalText.escaped(socket))",
            hint:
                "'phjob submit' works as it is; 'phjob init --personal' makes a set-up of your own, to be used with --personal"
        )
    }

    private func template(_ mode: RunnerMode, _ paths: Paths, _ context: Context) throws -> CatalogueTemplate {
        guard let user = context.user() else {
            throw PhjobError(
                .unavailable, "uid \(geteuid()) has no entry in the user database", hint: "run as an ordinary user")
        }
        var template = CatalogueTemplate(userName: user.name, node: .ofThisMachine, volume: nil, images: [])
        template.isForEverybody = mode == .system
        template.engine = Catalogue.EngineChoice(rawValue: engine.rawValue) ?? .auto
        for setting in engineEnvironment {
            guard let value = setting.value ?? context.environment[setting.name] else {
                throw UsageError(.other("variable \(setting.name) of '--engine-env \(setting.name)' is not set here"))
            }
            template.engineEnvironment[setting.name] = value
        }
        if mode == .personal {
            template.volume = usableVolume("\(paths.volumes)/\(template.groupName)", paths, context)
        }
        if let network { template.network = network }
        let settings = Catalogue.EngineSettings(choice: template.engine, environment: template.engineEnvironment)
        do {
            let engine = try EngineProbe.find(settings, environment: context.environment)
            template.images = LocalImages.find(engine)
            if network == nil, !printsOnly {
                try probeNetwork(
                    &template, engine, user, scratch: "\(StateLayout(root: paths.state).cache)/probe", context)
            }
        } catch let error as EngineError {
            context.warn("\(error)")
        }
        return template
    }

    private func usableVolume(_ path: String, _ paths: Paths, _ context: Context) -> String? {
        let forbidden = (HostPath.forbiddenRoots + [paths.state]).first { HostPath.overlap(path, $0) }
        guard
            let problem = HostPath.problem(in: path) ?? forbidden.map({ "the path '\(path)' would show \($0) to jobs" })
        else {
            return path
        }
        context.warn("the group gets no volume: \(problem)")
        return nil
    }

    /// Finds out whether containers can have the engine's default network; where they start only without one, takes that.
    private func probeNetwork(
        _ template: inout CatalogueTemplate, _ engine: Engine, _ user: UserAccount, scratch: String, _ context: Context
    ) throws {
        guard let local = template.images.last(where: { $0.name == "minimal" }) ?? template.images.first,
            let image = try engine.image(ImageReference(parsing: local.reference), stateID: "probe")
        else { return }
        let probe = ContainerProbe(engine: engine, image: image, user: user, scratch: scratch)
        guard case .failure(let error) = probe.run("exit 0", network: "default") else { return }
        switch probe.run("exit 0", network: "none") {
        case .success:
            template.network = "none"
            template.networkReason = error.description
            context.warn("containers start here only without a network, so jobs get none: \(error)")
        case .failure(let other):
            context.warn("no container can be started here: \(other); see 'phjob doctor'")
        }
    }

    private func tell(_ template: CatalogueTemplate, _ context: Context) {
        if template.isForEverybody {
            context.note(
                "wrote \(template.node.shares.count) instance types and \(template.images.count) images; add the groups of people"
            )
            return
        }
        context.note(
            """
            wrote \(template.node.shares.count) instance types, \(template.images.count) images, and group \
            '\(template.groupName)'\(template.volume.map { " with its volume \($0)" } ?? "")
            """)
        if let image = template.images.first(where: { $0.name == "base" }) ?? template.images.first {
            context.note("try: phjob run --image \(image.name) -- echo hello")
        } else {
            context.note("no images were found; build one with 'images/build base', then run 'phjob init --force'")
        }
    }

    /// What is written must be what can be read.
    static func check(_ text: String) throws {
        do {
            _ = try CatalogueReader.read(JSONBody.valueWithComments(in: Array(text.utf8)))
        } catch {
            throw PhjobError(.internalError, "the catalogue for this machine would not be valid: \(error)")
        }
    }

    private static func write(_ text: String, to path: String, for mode: RunnerMode) throws {
        do {
            // Asked first: without an answer nothing is written.
            let group = mode == .system ? try UnixGroup.id(named: SystemChecks.administratorGroup) : nil
            let slash = path.lastIndex(of: "/") ?? path.startIndex
            let name = String(path[path.index(after: slash)...])
            let parent = slash == path.startIndex ? "/" : String(path[..<slash])
            // Everybody may see that there is a catalogue for everybody; what is in it is for administrators.
            try Directory.create(parent, mode: mode == .system ? 0o755 : 0o700)
            let directory = try Descriptor(opening: parent, flags: O_RDONLY | O_DIRECTORY)
            unlinkat(directory.number, "\(name).old", 0)
            linkat(directory.number, name, directory.number, "\(name).old", 0)
            try AtomicFile.write(Array(text.utf8), to: name, in: directory)
            if let group {
                fchownat(directory.number, name, uid_t.max, group, 0)
                fchmodat(directory.number, name, 0o640, 0)
            }
        } catch {
            throw PhjobError(
                .unavailable, "the catalogue cannot be written: \(error)",
                hint: "choose another place with PHJOB_CONFIG")
        }
    }
}
