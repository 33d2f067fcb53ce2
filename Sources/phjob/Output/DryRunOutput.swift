import PhjobAPI
import PhjobArguments
import PhjobCore

/// What a job would become.
struct DryRunOutput {
    let isJSON: Bool

    func print(_ answer: DryRunAnswer, _ context: Context) throws {
        if isJSON { return try context.printJSON(answer) }
        let job = answer.job
        var form = Form()
        form.add("Job Name", job.displayName)
        form.add("User", job.userName)
        form.add("Group", job.groupName)
        form.add("Instance Type", JobForm.instanceType(job.instanceType))
        form.add("Image", "\(job.image) (\(job.imageUrl))")
        form.add(
            "Deadline", job.activeDeadlineSeconds.map { TimeSpan(seconds: $0).short + " after the start" } ?? "none")
        form.add("Volume", job.volume)
        form.add("Datasets", job.datasets.isEmpty ? nil : job.datasets.joined(separator: ", "))
        form.add("Variables", job.environmentNames.isEmpty ? nil : job.environmentNames.joined(separator: ", "))
        form.add("Command", job.command.hasSuffix("\n") ? job.command : job.command + "\n")
        form.add("Container", Self.wrapped(answer.containerCommand) + "\n")
        try context.output.write(form.text(palette: context.output.palette))
    }

    /// One argument a line, so that it can be read and still be pasted into a shell.
    private static func wrapped(_ command: [String]) -> String {
        command.map(ShellWords.quote).joined(separator: " \\\n  ")
    }
}
