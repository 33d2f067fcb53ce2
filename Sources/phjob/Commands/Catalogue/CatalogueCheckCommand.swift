import PhjobArguments
import PhjobCore
import PhjobRunner

/// `phjob catalogue check`
struct CatalogueCheckCommand: Command {
    var file: String?

    static let info = CommandInfo(
        name: "check", summary: "check a catalogue and list all that is wrong with it",
        discussion: """
            Ends with 1 if it is not valid. That it names users, Unix groups or directories that this machine does not have is \
            only a warning: they may come later, or be another machine's.
            """,
        examples: [
            ("phjob catalogue check", "check the one in use"),
            ("phjob catalogue check new.json", "check one before it is put in place"),
        ])
    static let arguments: [ArgumentSpec<Self>] = [
        .positional("file", to: \.file, help: "the catalogue", default: "the one in use", completion: .file)
    ]

    func run(_ context: Context) throws -> Int32 {
        let path = try file ?? context.runner().paths.catalogue
        let catalogue = try CatalogueFile.load(path)
        let counts = [
            ("group", catalogue.groups.count), ("instance type", catalogue.instanceTypes.count),
            ("image", catalogue.images.count), ("dataset", catalogue.datasets.count),
        ]
        let words = counts.map { "\($0.1) \($0.0)\($0.1 == 1 ? "" : "s")" }
        try context.print("\(TerminalText.escaped(path)): valid (\(words.joined(separator: ", ")))")
        for text in DirectoryCheck.mountedBelow(catalogue) { try context.print(text) }
        for text in CatalogueWarnings.texts(catalogue) { context.warn(text) }
        return 0
    }
}
