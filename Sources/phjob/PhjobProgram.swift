import PhjobArguments

/// The tree of commands.
enum PhjobProgram {
    static let program = Program(
        root: CommandGroup<Context>(
            CommandInfo(
                name: "phjob", summary: "run batch jobs in containers on this machine",
                discussion: """
                    A job is a command that runs once in a container, with CPUs, memory and GPUs of its own, when its turn has \
                    come. Set up with 'phjob init', then 'phjob submit'. Every command has its own --help.

                    A machine has one runner for everybody, or each user one of their own; 'phjob doctor' tells which is used, \
                    and why.

                    Exit status: 0 done, 1 refused or failed, 64 wrong usage; commands that wait for a job end with the job's \
                    exit code, or with 120 to 125 (see 'phjob run --help').
                    """,
                examples: [
                    ("phjob run -- python3 train.py", "run a command and watch it"),
                    ("phjob submit --instance-type cpu-2 train.sh", "submit a script and print the job's id"),
                    ("phjob list", "see what became of it"),
                ]),
            sections: [
                .init(
                    "Jobs",
                    [
                        .command(SubmitCommand.self), .command(RunCommand.self), .command(ListCommand.self),
                        .command(GetCommand.self), .command(LogsCommand.self), .command(WaitCommand.self),
                        .command(CancelCommand.self), .command(RerunCommand.self), .command(SetCommand.self),
                    ]),
                .init(
                    "What jobs can have",
                    [
                        list("image", "the images that jobs run in", ImageListCommand.self),
                        list("instance-type", "the CPUs, memory and GPUs that jobs get", InstanceTypeListCommand.self),
                        list("gpu", "the GPUs of this machine", GPUListCommand.self),
                        list("group", "the people whose jobs you share", GroupListCommand.self),
                        list("dataset", "the data that jobs can read", DatasetListCommand.self),
                        .command(QuotaCommand.self),
                    ]),
                .init(
                    "The machine",
                    [
                        .command(InitCommand.self),
                        .group(
                            CommandGroup(
                                CommandInfo(name: "catalogue", summary: "the file that says who may run what"),
                                [.command(CatalogueCheckCommand.self)])),
                        .group(
                            CommandGroup(
                                CommandInfo(name: "runner", summary: "the background process that runs the jobs"),
                                [
                                    .command(RunnerStatusCommand.self), .command(RunnerStartCommand.self),
                                    .command(RunnerStopCommand.self), .command(RunnerRunCommand.self),
                                ])),
                        .command(DrainCommand.self), .command(ResumeCommand.self), .command(PruneCommand.self),
                        .command(DoctorCommand.self), .command(CompletionCommand.self), .command(CompleteCommand.self),
                        .command(ManPagesCommand.self),
                    ]),
            ]),
        globals: RunnerOptions.self, version: Version.text)

    private static func list(
        _ name: String, _ summary: String, _ command: any Command<Context>.Type
    ) -> CommandNode<Context> {
        .group(CommandGroup(CommandInfo(name: name, summary: summary), [.command(command)]))
    }
}
