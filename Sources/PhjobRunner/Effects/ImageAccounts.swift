import PhjobCore
import PhjobEngine
import Synchronization

/// The account files of images, read once for each image.
final class ImageAccounts: Sendable {
    struct Files: Sendable {
        var passwd = ""
        var group = ""
    }

    /// What is known of one image. Its lock is held while the image is read: others are not held up by that.
    private final class Entry: Sendable {
        let files = Mutex<Files?>(nil)
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// The `/etc/passwd` and `/etc/group` of an image.
    ///
    /// - Parameters:
    ///   - stateID: labels the container that is made for reading.
    ///   - directory: where copies may lie for a moment.
    func files(of image: ResolvedImage, engine: Engine, stateID: String, directory: String) throws(EngineError) -> Files
    {
        let entry = entries.withLock { entries in
            let entry = entries[image.id] ?? Entry()
            entries[image.id] = entry
            return entry
        }
        // One at a time: two jobs of a new image would read it twice, under one name.
        let result = entry.files.withLock { files -> Result<Files, EngineError> in
            if let files { return .success(files) }
            do throws(EngineError) {
                let found = try engine.files(
                    ["/etc/passwd", "/etc/group"], of: image, stateID: stateID,
                    name: "phjob-image-\(stateID)-\(image.id.prefix(12))", directory: directory)
                let text = { (path: String) in String(decoding: found[path] ?? [], as: UTF8.self) }
                let read = Files(passwd: text("/etc/passwd"), group: text("/etc/group"))
                files = read
                return .success(read)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
