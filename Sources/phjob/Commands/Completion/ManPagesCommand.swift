import Glibc
import PhjobArguments
import PhjobCore
import PhjobSystem

/// `phjob __man`: what scripts/install calls for the manual pages.
struct ManPagesCommand: Command {
    var directory = "."

    static let info = CommandInfo(
        name: "__man", summary: "write the manual pages into a directory", isHidden: true, takesGlobalOptions: false)
    static let arguments: [ArgumentSpec<Self>] = [
        .positional("directory", to: \.directory, help: "where to, such as share/man/man1", completion: .directory)
    ]

    func run(_ context: Context) throws -> Int32 {
        do {
            let target = try Descriptor(opening: directory, flags: O_RDONLY | O_DIRECTORY)
            for page in ManPageRenderer(version: Version.text).pages(for: context.program()) {
                try AtomicFile.write(Array(page.text.utf8), to: page.fileName, in: target, mode: 0o644)
                try context.print(page.fileName)
            }
        } catch let error as SystemError {
            throw PhjobError(
                .unavailable, "the manual pages cannot be written: \(error)", hint: "name another directory")
        }
        return 0
    }
}
