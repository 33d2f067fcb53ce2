import PhjobCore
import PhjobEngine
import PhjobSystem
import Synchronization

/// What image references stand for, kept as long as it is certain: an engine is asked again after every change of its images.
final class ImageResolutions: Sendable {
    private struct Key: Hashable {
        let engine: EngineName
        let reference: ImageReference
    }

    private struct Entry {
        let image: ResolvedImage
        /// Of the engine's list of images, from before it was asked.
        let version: FileIdentity
    }

    private let entries = Mutex<[Key: Entry]>([:])
    private static let limit = 1000

    /// The image that a reference stands for now; `nil` if the engine does not have it.
    func image(_ reference: ImageReference, engine: Engine, stateID: String) throws(EngineError) -> ResolvedImage? {
        let key = Key(engine: engine.facts.name, reference: reference)
        let version = engine.facts.imageList.flatMap { FileIdentity(of: $0) }
        if let version, let known = entries.withLock({ $0[key] }), known.version == version { return known.image }
        let image = try engine.image(reference, stateID: stateID)
        entries.withLock { entries in
            if entries.count >= Self.limit { entries = [:] }
            // Without a file to look at nothing would tell that it has changed.
            entries[key] = version.flatMap { version in image.map { Entry(image: $0, version: version) } }
        }
        return image
    }
}
