import PhjobAPI
import PhjobArguments
import PhjobCore

/// `phjob gpu list`
struct GPUListCommand: Command {
    var listing = CatalogueListing()

    static let info = CommandInfo(
        name: "list", aliases: ["ls"], summary: "list the GPUs that jobs can have, and who is on them",
        discussion: """
            A GPU is free, held by a job, or 'busy outside phjob': a process is on it that phjob did not start. Such a GPU is \
            given to nobody until that process has ended. The catalogue can list programs to ignore.
            """,
        examples: [("phjob gpu list", "which are free, and who has the others")])
    static let arguments: [ArgumentSpec<Self>] = [.group(\.listing)]

    func run(_ context: Context) throws -> Int32 {
        let list = try context.client().gpus()
        let columns: [Table.Column] = [
            .init("INDEX"), .init("UUID", cuttableTo: 12), .init("NAME", cuttableTo: 8), .init("MEMORY"),
            .init("STATE", cuttableTo: 20),
        ]
        if let problem = list.problem { context.note("no GPU is given out now: \(problem)") }
        return try listing.print(list.items, \.id, columns, context) { gpu in
            [
                .init("\(gpu.index)"), .init(gpu.uuid ?? ""), .init(gpu.name ?? ""),
                .init(gpu.memoryBytes.map { MemorySize(bytes: $0).description } ?? ""), .init(Self.state(of: gpu)),
            ]
        }
    }

    /// `free`, `job-… (ana)`, `busy outside phjob: pid 4242 (ben, python3)`.
    static func state(of gpu: GPUList.Item) -> String {
        let outside = gpu.outsiders.map { "pid \($0.pid) (\($0.userName ?? "unknown user"), \($0.processName))" }
        let busy = outside.isEmpty ? nil : "busy outside phjob: \(outside.joined(separator: ", "))"
        let own: String? =
            switch gpu.state {
            case .free: "free"
            case .inUse: gpu.job.map { "\($0) (\(gpu.userName ?? ""))" } ?? "in use"
            case .busyOutside: nil
            case .unknown: "unknown"
            }
        return [own, busy].compactMap(\.self).joined(separator: "; ")
    }
}
