import PhjobAPI
import PhjobArguments
import PhjobCore
import PhjobRunner

/// `phjob runner status`
struct RunnerStatusCommand: Command {
    var json = false

    static let info = CommandInfo(
        name: "status", summary: "show what the runner says of itself",
        discussion: "Ends with 1 if it is not running; does not start it.",
        examples: [("phjob runner status", "engine, capacity, jobs, and problems")])
    static let arguments: [ArgumentSpec<Self>] = [.flag("--json", to: \.json, help: "print JSON")]

    func run(_ context: Context) throws -> Int32 {
        let setup = try context.runner()
        guard let socket = try setup.finder.find() ?? setup.finder.revive() else {
            switch setup.choice.mode {
            case .personal where setup.finder.process != nil:
                context.note(
                    "the runner (pid \(setup.finder.process ?? 0)) does not answer; 'phjob runner stop' ends it")
            case .personal: context.note("the runner is not running; 'phjob runner start' starts it")
            case .system:
                context.note(
                    "the system runner does not answer at \(setup.paths.socket); 'systemctl status phjob' tells why")
            }
            return 1
        }
        let client = setup.finder.client(at: socket)
        let status = try client.status()
        if json {
            try context.printJSON(status)
        } else {
            // An older runner does not know of them.
            let gpus = status.capacity.gpus > 0 ? try? client.gpus() : nil
            let form = Self.form(status, gpus: gpus, socket: socket, now: context.now())
            try context.output.write(form.text(palette: context.output.palette))
        }
        return 0
    }

    static func form(_ status: RunnerStatus, gpus: GPUList? = nil, socket: String, now: Timestamp) -> Form {
        var form = Form()
        form.add("Status", status.startsHeldBecause == nil ? "running" : "running, starts no jobs", .active)
        form.add("Held Because", status.startsHeldBecause)
        form.add("Process", "\(status.pid), phjob \(status.version)")
        form.add("Started", TimeText.moment(status.startTime, now: now))
        form.add("Serves", status.isForEverybody ? "everybody" : "its owner")
        form.add("Socket", socket)
        form.add("State", status.stateDirectory)
        form.add("Catalogue", status.catalogue)
        form.add("Problems", list(status.catalogueProblems))
        form.add("Engine", status.engine.map(engine) ?? "none: \(status.engineProblem ?? "unknown")")
        let environment = (status.engineEnvironment ?? [:]).sorted { $0.key < $1.key }
        form.add(
            "Engine Chosen By",
            list(environment.map { "\($0.key)=\($0.value), from the shell that started the runner" }))
        form.add("Capacity", amount(status.capacity))
        form.add("Free", amount(status.free))
        form.add("GPUs", self.gpus(gpus) ?? status.gpuProblem.map { "none is given out: \($0)" })
        let jobs = JobPhase.allCases.compactMap { phase in
            status.jobs[phase.rawValue].map { "\($0) \(phase.rawValue.lowercased())" }
        }
        form.add("Jobs", jobs.isEmpty ? "none" : jobs.joined(separator: ", "))
        form.add("Set Aside", list(status.quarantined))
        return form
    }

    private static func engine(_ engine: RunnerStatus.Engine) -> String {
        let version = engine.cgroupVersion.map { ", cgroup v\($0)" } ?? ""
        let unenforced =
            engine.unenforcedLimits.isEmpty
            ? "" : ", does not enforce: \(engine.unenforcedLimits.joined(separator: ", "))"
        return "\(engine.name) \(engine.version), \(engine.isRootless ? "rootless" : "as root")\(version)\(unenforced)"
    }

    /// What keeps GPUs from jobs; nil if nothing does.
    private static func gpus(_ list: GPUList?) -> String? {
        guard let list else { return nil }
        if let problem = list.problem { return "none is given out: \(problem)" }
        return self.list(
            list.items.filter { !$0.outsiders.isEmpty }.map { "\($0.index): \(GPUListCommand.state(of: $0))" })
    }

    private static func amount(_ amount: RunnerStatus.Amount) -> String {
        "\(JobForm.cpus(amount.cpus)), \(MemorySize(bytes: amount.memoryBytes)) of memory, \(JobForm.gpus(amount.gpus))"
    }

    private static func list(_ lines: [String]) -> String? {
        lines.isEmpty ? nil : lines.joined(separator: "\n") + "\n"
    }
}
