import PhjobArguments
import PhjobRunner

/// Which runner is meant: what all commands have in common that talk to one.
struct RunnerOptions: GlobalOptions {
    var isSystem = false
    var isPersonal = false

    static let arguments: [ArgumentSpec<Self>] = [
        .section(
            "Which runner",
            [
                .flag("--system", to: \.isSystem, help: "the one of this machine, which is for everybody"),
                .flag("--personal", to: \.isPersonal, help: "one of your own"),
            ])
    ]

    func validate() throws(UsageError) {
        if isSystem, isPersonal { throw UsageError(.conflict("--system", "--personal")) }
    }

    func apply(to context: inout Context) {
        if isSystem { context.demandedMode = .system }
        if isPersonal { context.demandedMode = .personal }
    }
}
