import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem
import Synchronization

/// What jobs need to know of images, read once for each image.
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

    private let entries = Mutex<[String: Entry]>([:])
    /// Tells this runner's containers from those of one that died, of which a client may still be at work.
    private let ownMark = String(UInt32.random(in: 0...UInt32.max), radix: 36)

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
    /// - Parameters:
    ///   - stateID: labels the container that is made for reading.
    ///   - directory: where copies may lie for a moment.
    func facts(of image: ResolvedImage, engine: Engine, stateID: String, directory: String) throws(EngineError) -> Facts
    {
        let entry = entries.withLock { entries in
            let entry = entries[image.id] ?? Entry()
            entries[image.id] = entry
            return entry
        }
        // One at a time: two jobs of a new image would read it twice, under one name.
        let result = entry.facts.withLock { facts -> Result<Facts, EngineError> in
            if let facts { return .success(facts) }
            do throws(EngineError) {
                let name = newName(stateID: stateID)
                defer { Self.remove(name, engine: engine, stateID: stateID) }
                let found = try engine.files(
                    ["/etc/passwd", "/etc/group", "/bin/sh"], of: image, stateID: stateID, name: name,
                    directory: directory)
                let text = { (path: String) in String(decoding: found[path] ?? [], as: UTF8.self) }
                let read = Facts(
                    passwd: text("/etc/passwd"), group: text("/etc/group"), hasShell: found["/bin/sh"] != nil)
                facts = read
                return .success(read)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
