import PhjobAPI
import PhjobArguments
import PhjobCore

/// `phjob run`
struct RunCommand: Command {
    var source = JobSource()
    var attendance = Attendance()

    static let info = CommandInfo(
        name: "run", summary: "submit a job, show its log, and end with its exit code",
        discussion: """
            Standard output is the job's, and nothing else. Ctrl-C leaves the job running and says how to come back.

            \(JobSource.help)

            \(JobExitStatus.help)
            """,
        examples: [
            ("phjob run -- python3 -c 'print(6 * 7)'", "run a command as if it ran here"),
            (
                "phjob run --cancel-on-interrupt train.sh > train.log",
                "as a CI step does: a cancelled step cancels the job"
            ),
        ])
    static let arguments: [ArgumentSpec<Self>] = [
        .group(\.source),
        .group(\.attendance, except: "--wait", "--follow", "--json"),
    ]

    mutating func validate() throws(UsageError) {
        try source.validateSource()
        attendance.follows = true
    }

    func run(_ context: Context) throws -> Int32 {
        try context.endingAsJob {
            let (submission, options) = try source.resolve(context)
            do {
                return try attendance.run(context, printsID: false) { try $0.submitting(submission) }
            } catch let error as PhjobError {
                throw options.explained(error)
            }
        }
    }
}
