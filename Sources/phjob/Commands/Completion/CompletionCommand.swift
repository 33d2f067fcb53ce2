import PhjobArguments

/// `phjob completion`
struct CompletionCommand: Command {
    enum Shell: String, CaseIterable, ArgumentValue {
        case bash
        case zsh
        case fish
    }

    var shell = Shell.bash

    static let info = CommandInfo(
        name: "completion", summary: "print the completion script for a shell",
        examples: [
            ("phjob completion bash > ~/.local/share/bash-completion/completions/phjob", "install it for bash"),
            ("phjob completion zsh > ~/.zfunc/_phjob", "install it for zsh, if ~/.zfunc is in fpath"),
            ("phjob completion fish > ~/.config/fish/completions/phjob.fish", "install it for fish"),
        ], takesGlobalOptions: false)
    static let arguments: [ArgumentSpec<Self>] = [
        .positional("shell", to: \.shell, help: "which shell", required: true)
    ]

    func run(_ context: Context) throws -> Int32 {
        let program = context.program()
        switch shell {
        case .bash: try context.output.write(BashCompletion.script(for: program))
        case .zsh: try context.output.write(ZshCompletion.script(for: program))
        case .fish: try context.output.write(FishCompletion.script(for: program))
        }
        return 0
    }
}
