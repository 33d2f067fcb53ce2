import PhjobAPI
import PhjobArguments
import PhjobCore

/// Options of commands that submit a job, for staying with it.
struct Attendance: ArgumentGroup {
    var waits = false
    var follows = false
    var cancelsOnInterrupt = false
    var json = false
    var quiet = false

    static let arguments: [ArgumentSpec<Self>] = [
        .flag("--wait", "-w", to: \.waits, help: "wait for the job's end, and end with its exit code"),
        .flag("--follow", to: \.follows, help: "show the job's log until its end, and end with its exit code"),
        cancelOption,
        .flag("--json", to: \.json, help: "print the job as JSON instead of its id"),
        quietOption,
    ]

    static let cancelOption = ArgumentSpec<Self>.flag(
        "--cancel-on-interrupt", to: \.cancelsOnInterrupt,
        help: "on Ctrl-C, SIGTERM or SIGHUP cancel the job and wait for its end, instead of leaving it")
    static let quietOption = ArgumentSpec<Self>.flag(
        "--quiet", "-q", to: \.quiet, help: "say nothing on stderr but errors")

    func validateAttendance() throws(UsageError) {
        if follows, json { throw UsageError(.conflict("--follow", "--json")) }
        if cancelsOnInterrupt, !waits, !follows {
            throw UsageError(.other("'--cancel-on-interrupt' needs '--wait' or '--follow'"))
        }
    }

    /// Submits a job and stays with it as asked.
    ///
    /// - Parameter printsID: whether the id goes to stdout, as data.
    func run(_ context: Context, printsID: Bool = true, submit: (APIClient) throws -> JobAnswer) throws -> Int32 {
        guard waits || follows else {
            let answer = try submit(context.client())
            let receipt = try answer.receipt()
            if json { try context.printJSON(answer.view()) } else { try context.print(receipt.id.text) }
            warn(receipt.warnings, context)
            return 0
        }
        let attendant = try JobAttendant(context, cancelsOnInterrupt: cancelsOnInterrupt)
        // Not to be interrupted: a job must not be left behind whose id nobody has been told.
        let job = try submit(context.client()).view()
        warn(job.warnings, context)
        if !json {
            if printsID { try context.print(job.id.text) }
            if !quiet { say("\(job.id) \(job.phase.isFinal ? "has ended" : "is submitted: \(job.message)")", context) }
        }
        let ending = follows ? try attendant.follow(job.id.text) : try attendant.wait([job.id.text])
        if case .ended(let jobs) = ending, let job = jobs.first {
            if json { try context.printJSON(job) }
            if !quiet, job.phase != .succeeded { say("\(job.id) \(job.phase.rawValue): \(job.message)", context) }
        }
        return ending.exitStatus
    }

    private func warn(_ texts: [String]?, _ context: Context) {
        if !quiet { texts?.forEach(context.warn) }
    }

    private func say(_ text: String, _ context: Context) { context.note(text) }
}
