import PhjobAPI
import PhjobArguments

/// `phjob instance-type list`
struct InstanceTypeListCommand: Command {
    var listing = CatalogueListing()

    static let info = CommandInfo(
        name: "list", aliases: ["ls"], summary: "list the instance types that your jobs can have, and how many fit now",
        discussion: "FREE is how many more jobs of the type could start now, of how many when nothing runs.",
        examples: [("phjob instance-type list", "CPUs, memory, GPUs, and what is free")])
    static let arguments: [ArgumentSpec<Self>] = [.group(\.listing)]

    func run(_ context: Context) throws -> Int32 {
        let types = try context.client().catalogue().instanceTypes
        let columns: [Table.Column] = [
            .init("NAME"), .init("DEFAULT"), .init("CPUS"), .init("MEMORY"), .init("GPUS"), .init("FREE"),
            .init("DESCRIPTION", cuttableTo: 11),
        ]
        return try listing.print(types, \.name, columns, context) { type in
            let free = type.capacity == 0 ? "never fits" : "\(type.free) of \(type.capacity)"
            return [
                .init(type.name), .init(type.isDefault ? "yes" : ""), .init("\(type.cpuLimit)"),
                .init(type.memoryLimit),
                .init("\(type.gpuLimit)"), .init(free),
                .init(CatalogueListing.words(type.name, type.displayName, type.description)),
            ]
        }
    }
}
