/// A place in the tree of commands.
package enum CommandNode<Context>: Sendable {
    case command(any Command<Context>.Type)
    case group(CommandGroup<Context>)

    /// What was declared about it, without arguments.
    var declaration: CommandInfo {
        switch self {
        case .command(let type): type.info
        case .group(let group): group.info
        }
    }

    /// The whole description.
    func describe() -> CommandInfo {
        switch self {
        case .command(let type): type.describe()
        case .group(let group): group.describe()
        }
    }
}
