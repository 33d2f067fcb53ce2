import Glibc
import PhjobAPI
package import PhjobCore
import PhjobSystem

/// Reads the catalogue from its file: JSON in which comments are allowed.
package enum CatalogueFile {
    private static let maximumSize = 4 << 20

    /// - Throws: ``PhjobError``; its message lists everything that is wrong, one problem a line.
    package static func load(_ path: String) throws(PhjobError) -> Catalogue {
        try catalogue(in: read(path), of: path)
    }

    /// - Throws: ``PhjobError`` of the code `unavailable`.
    static func read(_ path: String) throws(PhjobError) -> [UInt8] {
        do {
            return try Descriptor(opening: path, flags: O_RDONLY | O_NONBLOCK).readAll(limit: maximumSize)
        } catch {
            let hint = error.number == ENOENT ? "run 'phjob init' to make one" : "see that you may read it"
            throw PhjobError(.unavailable, "the catalogue cannot be read: \(error)", hint: hint)
        }
    }

    /// - Throws: ``PhjobError`` of the code `invalidRequest`, as ``load(_:)``.
    static func catalogue(in bytes: [UInt8], of path: String) throws(PhjobError) -> Catalogue {
        do {
            return try CatalogueReader.read(JSONBody.valueWithComments(in: bytes))
        } catch let problems as CatalogueReader.Problems {
            throw PhjobError(
                .invalidRequest,
                "the catalogue \(path) is not valid:\n\(problems.all.map { "  \($0)" }.joined(separator: "\n"))",
                hint: "mend it; 'phjob catalogue check' tells when it is right")
        } catch {
            throw PhjobError(
                .invalidRequest,
                "the catalogue \(path) is not JSON: \(error)",
                hint: "mend it; 'phjob catalogue check' tells when it is right")
        }
    }
}
