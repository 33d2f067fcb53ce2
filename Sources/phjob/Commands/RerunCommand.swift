import PhjobAPI
import PhjobArguments
import PhjobCore

/// `phjob rerun`
struct RerunCommand: Command {
    var job = ""
    var options = JobOptions()
    var attendance = Attendance()

    static let info = CommandInfo(
        name: "rerun", summary: "submit the same job again and print the new id",
        discussion: """
            Everything is kept, deadline and environment too; options change it. Variables of --env are added to the job's. \
            Of somebody else's job the values of variables are not taken over: a warning names them, and --env gives them. \
            Variables of your own environment, such as PHJOB_IMAGE, change nothing here.

            With --wait or --follow:

            \(JobExitStatus.help)
            """,
        examples: [
            ("phjob rerun @", "run your newest job once more"),
            (
                "phjob rerun job-202611210809-x7k2f9 --instance-type cpu-4 --env SEED=2 --follow",
                "with more CPUs and another seed"
            ),
        ])
    static let arguments: [ArgumentSpec<Self>] = [
        .positional("job", to: \.job, help: Selector.help, completion: .dynamic("jobs")),
        .section(
            "Changes",
            [
                .option(
                    "--group", "-g", to: \.options.group, value: "name", help: "another group",
                    completion: .dynamic("groups")),
                .option(
                    "--instance-type", "-t", to: \.options.instanceType, value: "name",
                    help: "other CPUs, memory and GPUs",
                    completion: .dynamic("instance-types")),
                .option(
                    "--image", "-i", to: \.options.image, value: "name", help: "another image",
                    completion: .dynamic("images")),
                .group(\.options, except: "--group", "--instance-type", "--image"),
            ]),
        .group(\.attendance),
    ]

    mutating func validate() throws(UsageError) {
        try attendance.validateAttendance()
    }

    func run(_ context: Context) throws -> Int32 {
        let overrides = try options.submission(context)
        let rerun = { try attendance.run(context) { try $0.rerunning(job, overrides: overrides) } }
        return attendance.waits || attendance.follows ? try context.endingAsJob(rerun) : try rerun()
    }
}

/// How jobs are named on the command line.
enum Selector {
    static let help = "an id or the beginning of one; '@' for your newest job, '@~1' for the one before"
}
