import PhjobCore
import PhjobEngine
import PhjobSystem

/// The images that `images/build` has made on this machine.
enum LocalImages {
    private static let prefix = "localhost/phjob/"

    static func find(_ engine: Engine) -> [CatalogueTemplate.LocalImage] {
        let command = ProcessCommand(
            engine.executable, ["images", "--format={{.Repository}}:{{.Tag}}"], environment: engine.environment)
        guard let result = try? ChildProcess(command, timeout: 60).run(), result.isSuccess else { return [] }
        return parse(result.output.text)
    }

    /// - Parameter list: references, one a line. Of each name the image `latest` counts.
    static func parse(_ list: String) -> [CatalogueTemplate.LocalImage] {
        let suffix = ":latest"
        let references = Set(list.split(whereSeparator: \.isNewline).map(String.init))
        return references.sorted().compactMap { reference in
            guard reference.hasPrefix(prefix), reference.hasSuffix(suffix) else { return nil }
            let name = String(reference.dropFirst(prefix.count).dropLast(suffix.count))
            guard Name.isValid(name), (try? ImageReference(parsing: reference)) != nil else { return nil }
            return CatalogueTemplate.LocalImage(name: name, reference: reference)
        }
    }
}
