import PhjobCore
import PhjobStore
import PhjobSystem

/// Where a runner has its catalogue from.
///
/// One that serves everybody keeps a copy of what is in force: somebody's mistake in the file shall not end the service at the next
/// boot, weeks later, when it did not do so at once.
struct CatalogueSource: Sendable {
    private let configuration: RunnerConfiguration
    private let layout: StateLayout
    private let log: EventLog

    init(_ configuration: RunnerConfiguration, _ layout: StateLayout, log: EventLog) {
        self.configuration = configuration
        self.layout = layout
        self.log = log
    }

    /// - Throws: ``PhjobError`` if it cannot be read, is not valid, or could be changed by others than root where it is everybody's.
    func load() throws(PhjobError) -> Catalogue {
        let path = configuration.cataloguePath
        if configuration.mode == .system { try SystemPlaces.checkCatalogue(path) }
        let bytes = try CatalogueFile.read(path)
        let catalogue = try CatalogueFile.catalogue(in: bytes, of: path)
        if configuration.mode == .system { keep(bytes) }
        return catalogue
    }

    /// The catalogue to start with; with the problem, it is the copy of an older one.
    ///
    /// - Throws: ``PhjobError`` as ``load()``, if there is no older one to go on with.
    func loadAtStart() throws(PhjobError) -> (catalogue: Catalogue, problem: PhjobError?) {
        do {
            return (try load(), nil)
        } catch {
            // In personal mode whoever starts it sees what is wrong.
            guard configuration.mode == .system, error.code == .invalidRequest,
                let bytes = try? CatalogueFile.read(layout.catalogue),
                let older = try? CatalogueFile.catalogue(in: bytes, of: layout.catalogue)
            else { throw error }
            log.error("catalogue-refused", ["path": configuration.cataloguePath, "why": error.message])
            return (older, error)
        }
    }

    private func keep(_ bytes: [UInt8]) {
        do {
            if let kept = try? CatalogueFile.read(layout.catalogue), kept == bytes { return }
            try AtomicFile.write(bytes, to: StateLayout.catalogueName, in: Directory.open(layout.root))
        } catch {
            log.warning("catalogue-not-kept", ["why": "\(error)"])
        }
    }
}
