import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem
import Synchronization

/// What jobs need to know of images, read once for each image, and kept of those that were used last.
final class ImageFacts: Sendable {
    struct Facts: Sendable {
        /// The image's `/etc/passwd`.
        var passwd: String
        /// The image's `/etc/group`.
        var group: String
        /// Whether it has the `/bin/sh` that every job begins with. The engines do not tell: with an init process in front of
        /// it, a script that cannot be run ends like a command of the job's.
        var hasShell: Bool
    }

    /// What is known of one image. Its lock is held while the image is read: others are not held up by that.
    private final class Entry: Sendable {
        let facts = Mutex<Facts?>(nil)
    }

    /// The most bytes that are kept of an image: users choose images, and may make them.
    private static let keptSize = 1 << 20

    private let entries: Mutex<RecentlyUsed<Entry>>
    /// Tells this runner's containers from those of one that died, of which a client may still be at work.
    private let ownMark = String(UInt32.random(in: 0...UInt32.max), radix: 36)

    /// - Parameter limit: the images of which something is kept.
    init(limit: Int = 32) {
        entries = Mutex(RecentlyUsed(limit: limit))
    }

    private static func prefix(stateID: String) -> String { "\(JobStore.imageCopyPrefix)\(stateID)-" }

    private func newName(stateID: String) -> String {
        "\(Self.prefix(stateID: stateID))\(ownMark)-\(String(UInt32.random(in: 0...UInt32.max), radix: 36))"
    }

    /// Removes what a runner that died has left in the middle of reading an image.
    func removeLeftovers(engine: Engine, stateID: String) throws(EngineError) {
        let prefix = Self.prefix(stateID: stateID)
        let names = try engine.names(stateID: stateID).filter {
            $0.hasPrefix(prefix) && !$0.hasPrefix(prefix + ownMark)
        }
        // By their ids, for a name can be taken by anyone.
        let ours = try engine.inspect(names.sorted()).filter { $0.labels[ContainerLabels.stateKey] == stateID }
        try engine.remove(ours.map(\.id), stateID: stateID)
    }

    /// Removes what an image was read by. If that cannot be done now, it is tried again on a thread of its own: no job fails
    /// by it.
    private static func remove(_ name: String, engine: Engine, stateID: String) {
        guard (try? engine.remove([name], stateID: stateID)) == nil else { return }
        WorkerThread.start("remove") {
            var backoff = Backoff(first: 1, longest: 60)
            repeat { backoff.wait() } while (try? engine.remove([name], stateID: stateID)) == nil
        }
    }

    /// What there is to know of an image.
    ///
    /// - Parameter stateID: labels the container that is made for reading.
    /// - Throws: ``EngineError``; such a failure is of the moment, and the image is read again by the next job.
    func facts(of image: ResolvedImage, engine: Engine, stateID: String) throws(EngineError) -> Facts {
        let entry = entries.withLock { $0.value(image.id, orNew: Entry()) }
        // One at a time: two jobs of a new image would read it twice.
        let result = entry.facts.withLock { facts -> Result<Facts, EngineError> in
            if let facts { return .success(facts) }
            do throws(EngineError) {
                let read = try read(image, engine: engine, stateID: stateID)
                // That something is missing is believed for one job: if that was wrong, no later job may fail by it.
                if read.hasShell, read.passwd.utf8.count + read.group.utf8.count <= Self.keptSize { facts = read }
                return .success(read)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func read(_ image: ResolvedImage, engine: Engine, stateID: String) throws(EngineError) -> Facts {
        let name = newName(stateID: stateID)
        defer { Self.remove(name, engine: engine, stateID: stateID) }
        let files = try engine.files(
            ["/etc/passwd", "/etc/group", "/bin/sh"], of: image, stateID: stateID, name: name)
        return Facts(
            passwd: try Self.text("/etc/passwd", in: files), group: try Self.text("/etc/group", in: files),
            hasShell: files["/bin/sh"] != nil)
    }

    /// - Throws: ``EngineError/refused(_:)`` for a file of accounts that is too large to be read: a job without its
    ///   image's accounts would not be what was asked for.
    private static func text(_ path: String, in files: [String: ImageFile]) throws(EngineError) -> String {
        switch files[path] {
        case .contents(let bytes): return String(decoding: bytes, as: UTF8.self)
        case .tooLarge:
            throw .refused(
                "the image's \(path) is larger than \(MemorySize(bytes: Int64(Engine.imageFileLimit))), "
                    + "which is the most that phjob reads of it")
        case .other, nil: return ""
        }
    }
}
