import PhjobAPI
import PhjobArguments
import PhjobCore

/// `phjob image list`
struct ImageListCommand: Command {
    var listing = CatalogueListing()

    static let info = CommandInfo(
        name: "list", aliases: ["ls"], summary: "list the images that your jobs can run in",
        examples: [("phjob image list", "names, and what they stand for")])
    static let arguments: [ArgumentSpec<Self>] = [.group(\.listing)]

    func run(_ context: Context) throws -> Int32 {
        let images = try context.client().catalogue().images
        let columns: [Table.Column] = [
            .init("NAME"), .init("DEFAULT"), .init("REFERENCE", cuttableTo: 20), .init("GPU REFERENCE", cuttableTo: 13),
            .init("PULL"), .init("DESCRIPTION", cuttableTo: 11),
        ]
        return try listing.print(images, \.name, columns, context) { image in
            [
                .init(image.name), .init(image.isDefault ? "yes" : ""), .init(image.url), .init(image.urlForGpu ?? ""),
                .init(image.pullPolicy.rawValue),
                .init(CatalogueListing.words(image.name, image.displayName, image.description)),
            ]
        }
    }
}
