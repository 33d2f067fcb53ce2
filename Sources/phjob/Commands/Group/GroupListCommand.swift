import PhjobAPI
import PhjobArguments
import PhjobCore

/// `phjob group list`
struct GroupListCommand: Command {
    var listing = CatalogueListing()

    static let info = CommandInfo(
        name: "list", aliases: ["ls"], summary: "list the groups that you belong to",
        examples: [("phjob group list", "groups, their volumes and members")])
    static let arguments: [ArgumentSpec<Self>] = [.group(\.listing)]

    func run(_ context: Context) throws -> Int32 {
        let groups = try context.client().catalogue().groups
        let columns: [Table.Column] = [
            .init("NAME"), .init("DEFAULT"), .init("DEADLINE"), .init("VOLUME", cuttableTo: 20),
            .init("USERS", cuttableTo: 12),
        ]
        return try listing.print(groups, \.name, columns, context) { group in
            let deadline = group.jobDefaultActiveDeadlineSeconds
            return [
                .init(group.name), .init(group.isDefault ? "yes" : ""),
                .init(deadline > 0 ? TimeSpan(seconds: deadline).short : "none"), .init(group.volume ?? "none"),
                .init(group.users.joined(separator: ", ")),
            ]
        }
    }
}
