import PhjobAPI
import PhjobArguments
import PhjobCore

/// `phjob submit`
struct SubmitCommand: Command {
    var source = JobSource()
    var attendance = Attendance()
    var dryRun = false

    static let info = CommandInfo(
        name: "submit", summary: "submit a job and print its id",
        discussion: """
            \(JobSource.help)

            With --wait or --follow:

            \(JobExitStatus.help)
            """,
        examples: [
            ("phjob submit -- python3 train.py --epochs 3", "run a command with the catalogue's defaults"),
            (
                "phjob submit --instance-type cpu-2 --deadline 2h train.sh",
                "run a script on two CPUs for two hours at most"
            ),
            ("phjob submit -e SEED=1 -- 'cd /project/lab && python3 train.py >out.txt'", "run a line of shell"),
            ("phjob submit --file job.json --follow", "submit a PrimeHub job and watch it"),
            ("echo nproc | phjob submit --image base -", "read the script from standard input"),
            ("phjob submit --dry-run -- make", "see what it would become, and the exact container command"),
        ])
    static let arguments: [ArgumentSpec<Self>] = [
        .group(\.source),
        .group(\.attendance),
        .flag(
            "--dry-run", to: \.dryRun, help: "submit nothing; print the job as it would be, and the container's command"
        ),
    ]

    mutating func validate() throws(UsageError) {
        try source.validateSource()
        try attendance.validateAttendance()
        if dryRun, attendance.waits || attendance.follows {
            throw UsageError(.conflict("--dry-run", attendance.waits ? "--wait" : "--follow"))
        }
    }

    func run(_ context: Context) throws -> Int32 {
        if attendance.waits || attendance.follows { return try context.endingAsJob { try submit(context) } }
        return try submit(context)
    }

    private func submit(_ context: Context) throws -> Int32 {
        let (submission, options) = try source.resolve(context)
        do {
            if dryRun {
                try DryRunOutput(isJSON: attendance.json).print(try context.client().tryOut(submission), context)
                return 0
            }
            return try attendance.run(context) { try $0.submitting(submission) }
        } catch let error as PhjobError {
            throw options.explained(error)
        }
    }
}
