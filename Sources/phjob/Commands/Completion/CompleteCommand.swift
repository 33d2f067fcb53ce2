import PhjobAPI
import PhjobArguments
import PhjobCore
import PhjobRunner
import PhjobSystem

/// `phjob __complete`: what the shells' completion scripts call for names that only the runner or the catalogue knows.
///
/// It answers at once or not at all: a shell waits for it at every key. It never starts the runner, and never complains.
struct CompleteCommand: Command {
    var words: [String] = []

    static let info = CommandInfo(
        name: CompletionKind.commandName, summary: "print candidates for the shells", isHidden: true)
    static let arguments: [ArgumentSpec<Self>] = [
        .remaining("word", to: \.words, from: .firstWord, help: "a kind of candidates, and how they begin")
    ]

    private static let maximumJobs = 100

    func run(_ context: Context) throws -> Int32 {
        let prefix = words.count > 1 ? words[1] : ""
        let candidates = (try? candidates(of: words.first ?? "", context)) ?? []
        for (name, explanation) in candidates where name.hasPrefix(prefix) {
            try context.print("\(name)\t\(TerminalText.escaped(explanation))")
        }
        return 0
    }

    private func candidates(of kind: String, _ context: Context) throws -> [(name: String, explanation: String)] {
        let setup = try context.runner()
        if kind == "jobs" {
            guard let socket = try setup.finder.find() else { return [] }
            var filter = JobFilter()
            filter.limit = Self.maximumJobs
            return try setup.finder.client(at: socket).jobs(filter).items.map {
                ($0.id.text, "\($0.phase.rawValue.lowercased()) \($0.displayName)")
            }
        }
        switch setup.choice.mode {
        case .personal: return try Self.entries(of: kind, CatalogueFile.load(setup.paths.catalogue), context)
        case .system:
            // Everybody's catalogue is for administrators to read; of the others' groups nobody else shall know.
            guard let socket = try setup.finder.find() else { return [] }
            return Self.entries(of: kind, try setup.finder.client(at: socket).catalogue())
        }
    }

    private static func entries(
        of kind: String, _ catalogue: CatalogueView
    ) -> [(name: String, explanation: String)] {
        switch kind {
        case "groups": return catalogue.groups.map { ($0.name, $0.displayName) }
        case "images": return catalogue.images.map { ($0.name, $0.url) }
        case "instance-types":
            return catalogue.instanceTypes.map {
                ($0.name, "\($0.cpuLimit) CPUs, \($0.memoryLimit), \($0.gpuLimit) GPUs")
            }
        default: return []
        }
    }

    private static func entries(
        of kind: String, _ catalogue: Catalogue, _ context: Context
    ) -> [(name: String, explanation: String)] {
        switch kind {
        case "groups":
            guard let user = context.user() else { return [] }
            return catalogue.groups(of: CallerLookup().caller(user, catalogue)).map { ($0.name, $0.displayName) }
        case "images": return catalogue.images.map { ($0.name, $0.url.text) }
        case "instance-types":
            return catalogue.instanceTypes.map {
                ($0.name, "\($0.cpuLimit) CPUs, \($0.memoryLimit), \($0.gpuLimit) GPUs")
            }
        default: return []
        }
    }
}
