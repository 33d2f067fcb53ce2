import FoundationEssentials
import Glibc
package import PhjobCore
package import PhjobSystem

extension Engine {
    /// The image that a reference stands for now.
    ///
    /// - Parameter stateID: any, for asking whether the engine answers at all.
    /// - Returns: nil if the engine does not have it.
    package func image(_ reference: String, stateID: String) throws(EngineError) -> ResolvedImage? {
        let result = try ask(dialect.imageInspectArguments(reference), limit: 16 << 20, stateID: stateID)
        guard result.isSuccess else { return nil }
        // swift-format-ignore: AlwaysUseLowerCamelCase
        struct Image: Decodable {
            var Id: String
            var RepoDigests: [String]?
            struct Config: Decodable { var Volumes: [String: JSONValue]? }
            var Config: Config?
        }
        guard let image = try? JSONDecoder().decode([Image].self, from: Data(result.output.bytes)).first else {
            throw .garbled("'image inspect' printed no image")
        }
        let id = image.Id.hasPrefix("sha256:") ? String(image.Id.dropFirst(7)) : image.Id
        // For an image that no registry knows podman makes up a digest under localhost; that says nothing to anybody.
        let volumes = ImageVolumes.relevant((image.Config?.Volumes ?? [:]).keys)
        return ResolvedImage(
            id: id, repoDigest: image.RepoDigests?.first { !$0.hasPrefix("localhost/") },
            volumes: volumes.isEmpty ? nil : volumes)
    }

    /// A call whose failure is an answer: "no such image" and "no daemon" end alike, so it is believed only of an
    /// engine that answers another question, and then says the same again. A client that was killed, or could not be
    /// run (126 and 127 of a shell), has not answered.
    private func ask(
        _ arguments: [String], limit: Int = 1 << 20, stateID: String
    ) throws(EngineError) -> ProcessResult {
        let result = try call(arguments, limit: limit)
        if result.isSuccess { return result }
        _ = try names(stateID: stateID)
        let again = try call(arguments, limit: limit)
        if again.isSuccess { return again }
        for failed in [result, again] {
            guard case .exited(1...125) = failed.status, !EngineError.isForWantOfSpace(Self.words(failed)) else {
                throw .unreachable(Self.words(failed))
            }
        }
        // The first words are the cause; the second may only say that something is there already.
        return result
    }

    /// Fetches an image from its registry.
    ///
    /// - Parameters:
    ///   - abandon: when it becomes readable, the pull is stopped.
    ///   - progress: called with each line that the engine prints.
    /// - Throws: ``EngineError/refused(_:)`` with the engine's own words.
    package func pull(
        _ reference: String, abandon: Descriptor, progress: @escaping (String) -> Void
    ) throws(EngineError) {
        var lines = LineTail()
        do {
            let child = ChildProcess(command(dialect.pullArguments(reference)), timeout: 6 * 3600)
            let result = try child.run(abandon: abandon, mergingErrors: true) { bytes in
                for line in lines.append(bytes) { progress(line) }
            }
            guard !result.isSuccess else { return }
        } catch let error as ProcessError {
            if case .cannotStart(let executable, let why) = error { throw .notInstalled("\(executable): \(why)") }
            throw .refused(error.description)
        } catch {
            throw .refused("\(error)")
        }
        throw .refused(lines.tail.isEmpty ? "the engine could not pull it, and gave no reason" : lines.tail)
    }

    /// Files of an image, read without running anything of it.
    ///
    /// What the image does not have is missing from the result; what it has as a link or too large to be kept is empty
    /// there.
    ///
    /// - Parameters:
    ///   - name: a name of its own for the container that is made for this; the caller removes it, whatever comes of
    /// this.   - directory: a directory of ours for the copies.
    package func files(
        _ paths: [String], of image: ResolvedImage, stateID: String, name: String, directory: String
    ) throws(EngineError) -> [String: [UInt8]] {
        let created = try ask(
            dialect.createArguments(name: name, stateID: stateID, imageID: image.id), stateID: stateID)
        guard created.isSuccess else { throw .refused(Self.words(created)) }
        guard Self.containerID(created) != nil else { throw .garbled("'create' printed no container id") }
        var contents: [String: [UInt8]] = [:]
        for (index, path) in paths.enumerated() {
            contents[path] = try file(
                path, ofContainer: name, stateID: stateID, copy: "\(name).\(index)", in: directory)
        }
        return contents
    }

    private func file(
        _ path: String, ofContainer name: String, stateID: String, copy copyName: String, in directory: String
    ) throws(EngineError) -> [UInt8]? {
        let copy = "\(directory)/\(copyName)"
        // What an image has at this path may be a directory, with anything in it.
        let remove = {
            guard let place = try? Directory.open(directory) else { return }
            try? TreeRemoval.remove(copyName, in: place)
        }
        remove()
        defer { remove() }
        let copied = try ask(dialect.copyArguments(name: name, path: path, to: copy), stateID: stateID)
        guard copied.isSuccess else {
            // Somebody may have removed it, as `docker container prune` does; then nothing is known of the image's
            // files.
            guard try names(stateID: stateID).contains(name) else {
                throw .unreachable("the container for reading an image's files was removed, not by phjob")
            }
            return nil
        }
        var status = stat()
        guard lstat(copy, &status) == 0 else { throw .garbled("'cp' copied nothing") }
        // A link in the image must not lead our reading of its copy anywhere else.
        let file = try? Descriptor(opening: copy, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        return (try? file?.readAll(limit: 1 << 20)) ?? []
    }
}

/// Cuts a stream of bytes into lines, and keeps the last few.
struct LineTail {
    private var pending: [UInt8] = []
    private var lines: [String] = []

    /// - Returns: the lines that `bytes` completed; a carriage return ends one too, as progress bars use it.
    mutating func append(_ bytes: UnsafeRawBufferPointer) -> [String] {
        pending += bytes
        var completed = pending.split(omittingEmptySubsequences: false) {
            $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r")
        }
        pending = completed.popLast().map { Array($0.suffix(4096)) } ?? []
        let new = completed.filter { !$0.isEmpty }.map { TerminalText.escaped(String(decoding: $0, as: UTF8.self)) }
        lines = Array((lines + new).suffix(3))
        return new
    }

    /// The last lines, the unfinished one among them.
    var tail: String {
        let rest = pending.isEmpty ? [] : [TerminalText.escaped(String(decoding: pending, as: UTF8.self))]
        return (lines + rest).suffix(3).joined(separator: "; ")
    }
}
