import PhjobAPI
import PhjobArguments

/// `phjob resume`
struct ResumeCommand: Command {
    static let info = CommandInfo(
        name: "resume", summary: "start jobs again after 'phjob drain'",
        discussion: "What waits starts in its order. For administrators.",
        examples: [("phjob resume", "after maintenance")])
    static let arguments: [ArgumentSpec<Self>] = []

    func run(_ context: Context) throws -> Int32 {
        let status = try context.client().resume()
        context.note("jobs are started again; \(status.jobs["Pending"] ?? 0) wait")
        return 0
    }
}
