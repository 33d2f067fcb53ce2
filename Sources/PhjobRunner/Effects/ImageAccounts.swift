import PhjobCore
import PhjobEngine
import Synchronization

/// The account files of images, read once for each image.
final class ImageAccounts: Sendable {
    struct Files: Sendable {
        var passwd = ""
        var group = ""
    }

    private let files = Mutex<[String: Files]>([:])

    /// The `/etc/passwd` and `/etc/group` of an image.
    ///
    /// - Parameters:
    ///   - stateID: labels the container that is made for reading.
    ///   - directory: where copies may lie for a moment.
    func files(of image: ResolvedImage, engine: Engine, stateID: String, directory: String) throws(EngineError) -> Files {
        // One at a time: two jobs of a new image would read it twice, under one name.
        let result = files.withLock { files -> Result<Files, EngineError> in
            if let known = files[image.id] { return .success(known) }
            do throws(EngineError) {
                let found = try engine.files(
                    ["/etc/passwd", "/etc/group"], of: image, stateID: stateID,
                    name: "phjob-image-\(stateID)-\(image.id.prefix(12))", directory: directory)
                let text = { (path: String) in String(decoding: found[path] ?? [], as: UTF8.self) }
                files[image.id] = Files(passwd: text("/etc/passwd"), group: text("/etc/group"))
            } catch {
                return .failure(error)
            }
            return .success(files[image.id] ?? Files())
        }
        return try result.get()
    }
}
