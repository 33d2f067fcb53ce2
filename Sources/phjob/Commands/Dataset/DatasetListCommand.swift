import PhjobAPI
import PhjobArguments

/// `phjob dataset list`
struct DatasetListCommand: Command {
    var listing = CatalogueListing()

    static let info = CommandInfo(
        name: "list", aliases: ["ls"], summary: "list the datasets that your jobs see under /datasets",
        examples: [("phjob dataset list", "datasets, and where they are")])
    static let arguments: [ArgumentSpec<Self>] = [.group(\.listing)]

    func run(_ context: Context) throws -> Int32 {
        let datasets = try context.client().catalogue().datasets
        let columns: [Table.Column] = [
            .init("NAME"), .init("ACCESS"), .init("GROUPS", cuttableTo: 12), .init("PATH", cuttableTo: 20),
        ]
        return try listing.print(datasets, \.name, columns, context) { dataset in
            [
                .init(dataset.name), .init(dataset.writable ? "read-write" : "read-only"),
                .init(dataset.groups?.joined(separator: ", ") ?? "all"), .init(dataset.path),
            ]
        }
    }
}
