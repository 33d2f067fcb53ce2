import PhjobArguments
import PhjobCore

/// What a job is to be, beside its command.
struct JobOptions: ArgumentGroup {
    var group = Given<String>()
    var instanceType = Given<String>()
    var image = Given<String>()
    var name: String?
    var variables: [EnvironmentSetting] = []
    var environmentFiles: [String] = []
    var deadline: TimeSpan?
    var idempotencyKey: String?

    static let arguments: [ArgumentSpec<Self>] = [
        .section(
            "The job",
            [
                .option(
                    "--group", "-g", to: \.group, value: "name", help: "whose volume, quota and members it is for",
                    environment: "PHJOB_GROUP", default: "the catalogue's", completion: .dynamic("groups")),
                .option(
                    "--instance-type", "-t", to: \.instanceType, value: "name", help: "its CPUs, memory and GPUs",
                    environment: "PHJOB_INSTANCE_TYPE", default: "the catalogue's",
                    completion: .dynamic("instance-types")),
                .option(
                    "--image", "-i", to: \.image, value: "name",
                    help: "the image that it runs in, by its name in the catalogue",
                    environment: "PHJOB_IMAGE", default: "the catalogue's", completion: .dynamic("images")),
            ] + others)
    ]

    /// Options that have the same meaning for a job that is submitted again.
    static let others: [ArgumentSpec<Self>] = [
        .option("--name", "-n", to: \.name, value: "text", help: "its name in lists"),
        .option(
            "--env", "-e", to: \.variables,
            help: "a variable for it; without a value the one that the variable has here"),
        .option(
            "--env-file", to: \.environmentFiles, value: "file",
            help: "variables for it, as lines of NAME=VALUE; --env wins", completion: .file),
        .option(
            "--deadline", "-d", to: \.deadline,
            help:
                "how long it may run, as 90s, 15m, 24h or 7d; 0 for as long as it likes, where the catalogue allows that",
            default: "the group's, or 24h"),
        .option(
            "--idempotency-key", to: \.idempotencyKey, value: "text",
            help: "the same key with the same job gives back the job that was submitted first"),
    ]

    /// The options that lines of a script may carry: those that mean the same wherever it is submitted from.
    static let directives = ["--group", "--instance-type", "--image", "--name", "--env", "--deadline"]

    /// These options as a part of a submission.
    func submission(_ context: Context) throws -> JobSubmission {
        var environment: [String: String] = [:]
        for path in environmentFiles {
            environment.merge(try EnvironmentFile.read(path)) { _, later in later }
        }
        for setting in variables {
            if setting.value == nil, context.malformedVariables.contains(setting.name) {
                throw PhjobError(
                    .invalidRequest, "the value that the variable \(setting.name) has here is not UTF-8 text",
                    hint: "convert it, for example with iconv; binary data belongs into a file on the group's volume")
            }
            guard let value = setting.value ?? context.environment[setting.name] else {
                throw UsageError(
                    .other("variable \(setting.name) of '--env \(setting.name)' is not set here; give it a value"))
            }
            environment[setting.name] = value
        }
        return JobSubmission(
            displayName: name, groupName: group.value, instanceType: instanceType.value, image: image.value,
            activeDeadlineSeconds: deadline?.seconds, environment: environment.isEmpty ? nil : environment,
            idempotencyKey: idempotencyKey)
    }

    /// A refusal that names one of these values, with the place where that value came from.
    func explained(_ error: PhjobError) -> PhjobError {
        for (what, given) in [("group", group), ("instance type", instanceType), ("image", image)] {
            guard let value = given.value, let source = given.source, source != .commandLine,
                error.message.contains("\(what) '\(TerminalText.escaped(value))'")
            else { continue }
            return PhjobError(error.code, "\(error.message) (from \(source))", hint: error.hint)
        }
        return error
    }
}
