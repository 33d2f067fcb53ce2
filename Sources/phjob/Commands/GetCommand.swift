import PhjobAPI
import PhjobArguments
import PhjobCore

/// `phjob get`
struct GetCommand: Command {
    var jobs: [String] = []
    var json = false
    var quiet = false

    static let info = CommandInfo(
        name: "get", aliases: ["show"], summary: "show all that is known of jobs",
        discussion: "With --json one job is printed as an object, and several as a list.",
        examples: [
            ("phjob get @", "show your newest job"),
            ("phjob get --json job-202611210809-x7k2f9 | jq .exitCode", "read one field in a script"),
        ])
    static let arguments: [ArgumentSpec<Self>] = [
        .positional("job", to: \.jobs, help: Selector.help, required: true, completion: .dynamic("jobs")),
        .flag("--json", to: \.json, help: "print JSON"),
        .flag("--quiet", "-q", to: \.quiet, help: "print whole ids only"),
    ]

    mutating func validate() throws(UsageError) {
        if json, quiet { throw UsageError(.conflict("--json", "--quiet")) }
    }

    func run(_ context: Context) throws -> Int32 {
        let client = try context.client()
        let views = try jobs.map { try client.job($0) }
        if json {
            if jobs.count == 1 { try context.printJSON(views[0]) } else { try context.printJSON(views) }
        } else if quiet {
            for view in views { try context.print(view.id.text) }
        } else {
            let palette = context.output.palette
            let forms = views.map { JobForm.form($0, now: context.now()).text(palette: palette) }
            try context.output.write(forms.joined(separator: "\n"))
        }
        return 0
    }
}
