import FoundationEssentials
import Glibc
package import PhjobCore
package import PhjobSystem

extension Engine {
    /// The image that a reference stands for now.
    ///
    /// - Parameter stateID: any, for asking whether the engine answers at all.
    /// - Returns: `nil` if the engine does not have it under that name.
    /// - Throws: ``EngineError/refused(_:)`` if the engine answers, and cannot tell.
    package func image(_ reference: ImageReference, stateID: String) throws(EngineError) -> ResolvedImage? {
        let arguments = dialect.imageInspectArguments(reference)
        let result = try ask(stateID: stateID) { () throws(EngineError) in try call(arguments, limit: 16 << 20) }
        guard result.isSuccess else {
            if try isAbsent(reference, by: result) { return nil }
            throw .refused(Self.words(result))
        }
        // swift-format-ignore: AlwaysUseLowerCamelCase
        struct Image: Decodable {
            var Id: String
            var RepoTags: [String]?
            var RepoDigests: [String]?
            struct Config: Decodable { var Volumes: [String: JSONValue]? }
            var Config: Config?
            var Architecture: String?
        }
        guard let image = try? JSONDecoder().decode([Image].self, from: Data(result.output.bytes)).first else {
            throw .garbled("'image inspect' printed no image")
        }
        let id = image.Id.hasPrefix("sha256:") ? String(image.Id.dropFirst(7)) : image.Id
        let names = ImageNames(id: id, tags: image.RepoTags ?? [], digests: image.RepoDigests ?? [])
        guard names.include(reference) else { return nil }
        let volumes = ImageVolumes.relevant((image.Config?.Volumes ?? [:]).keys)
        return ResolvedImage(
            id: id, repoDigest: names.registryDigest(for: reference), volumes: volumes.isEmpty ? nil : volumes,
            architecture: image.Architecture.flatMap { $0.isEmpty ? nil : $0 })
    }

    private func isAbsent(_ reference: ImageReference, by result: ProcessResult) throws(EngineError) -> Bool {
        guard let arguments = dialect.imageExistsArguments(reference) else {
            return dialect.saysNoImage(result.errors.text)
        }
        return try call(arguments).status == .exited(1)
    }

    /// A call whose failure may be an answer: "no such image" and "no daemon" end alike, so it is believed only of an
    /// engine that answers another question, and then says the same again. A client that was killed, or could not be
    /// run (126 and 127 of a shell), has not answered.
    private func ask(
        stateID: String, _ call: () throws(EngineError) -> ProcessResult
    ) throws(EngineError) -> ProcessResult {
        let result = try call()
        if result.isSuccess { return result }
        _ = try names(stateID: stateID)
        let again = try call()
        if again.isSuccess { return again }
        for failed in [result, again] {
            let words = Self.words(failed)
            if EngineError.isForWantOfSpace(words) { throw .outOfSpace(words) }
            guard case .exited(1...125) = failed.status else { throw .unreachable(words) }
        }
        // The first words are the cause; the second may only say that something is there already.
        return result
    }

    /// Seconds that a pull may take.
    private static let pullTimeout = 6 * 3600.0
    /// Bytes of memory that the client of a pull may take: some fetch and unpack images themselves, and what they
    /// unpack comes from outside.
    private static let pullMemory: Int64 = 2 << 30

    /// Fetches an image from its registry.
    ///
    /// - Parameters:
    ///   - directory: the client's working directory, which only we write to.
    ///   - abandon: when it becomes readable, the pull is stopped.
    ///   - progress: called with each line that the engine prints.
    /// - Throws: ``EngineError/refused(_:)`` with the engine's own words; ``EngineError/outOfSpace(_:)``;
    ///   ``EngineError/unreachable(_:)`` if the client was killed.
    package func pull(
        _ reference: ImageReference, directory: String, abandon: Descriptor, progress: @escaping (String) -> Void
    ) throws(EngineError) {
        var lines = LineTail()
        var command = command(dialect.pullArguments(reference))
        // When memory runs out, a pull ends before any job.
        command.bounds = ProcessBounds(memory: Self.pullMemory, oomScoreAdjustment: 1000, directory: directory)
        let result: ProcessResult
        do {
            result = try ChildProcess(command, timeout: Self.pullTimeout).run(abandon: abandon, mergingErrors: true) {
                for line in lines.append($0) { progress(line) }
            }
        } catch ProcessError.timedOut {
            throw .refused("it took longer than \(Int(Self.pullTimeout) / 3600) hours and was stopped; \(lines.tail)")
        } catch let error as ProcessError {
            if case .cannotStart(let executable, let why) = error { throw .notInstalled("\(executable): \(why)") }
            throw .refused(error.description)
        } catch {
            throw .refused("\(error)")
        }
        switch result.status {
        case .exited(0): return
        case .signalled(let signal):
            throw .unreachable("its client was ended by signal \(signal) during a pull; \(lines.tail)")
        case .exited:
            let words = lines.tail
            if EngineError.isForWantOfSpace(words) { throw .outOfSpace(words) }
            throw .refused(words.isEmpty ? "the engine could not pull it, and gave no reason" : words)
        }
    }

    /// Bytes of a file of an image that are read.
    package static let imageFileLimit = 4 << 20

    /// Files of an image, read without running anything of it. What the image does not have is missing from the result.
    ///
    /// - Parameter name: a name of its own for the container that is made for this; the caller removes it, whatever
    ///   comes of this.
    /// - Throws: ``EngineError`` if anything else keeps a file from being read.
    package func files(
        _ paths: [String], of image: ResolvedImage, stateID: String, name: String
    ) throws(EngineError) -> [String: ImageFile] {
        let arguments = dialect.createArguments(name: name, stateID: stateID, imageID: image.id)
        let created = try ask(stateID: stateID) { () throws(EngineError) in try call(arguments) }
        guard created.isSuccess else { throw .refused(Self.words(created)) }
        guard Self.containerID(created) != nil else { throw .garbled("'create' printed no container id") }
        var files: [String: ImageFile] = [:]
        for path in paths { files[path] = try file(path, ofContainer: name, stateID: stateID) }
        return files
    }

    private func file(
        _ path: String, ofContainer name: String, stateID: String
    ) throws(EngineError) -> ImageFile? {
        var archive = ImageFile.Archive(limit: Self.imageFileLimit)
        let copied = try ask(stateID: stateID) { () throws(EngineError) in
            archive = ImageFile.Archive(limit: Self.imageFileLimit)
            return try copy(path, ofContainer: name) { try archive.append($0) }
        }
        if copied.isSuccess {
            guard let file = archive.file else { throw .garbled("'cp' printed no archive") }
            return file
        }
        // Another program may have removed it, as `docker container prune` does; then the image's files stay unknown.
        guard try names(stateID: stateID).contains(name) else {
            throw .unreachable("the container for reading an image's files was removed, not by phjob")
        }
        if dialect.saysNoFile(copied.errors.text, path: path, container: name) { return nil }
        throw .refused("the image's \(path) cannot be read: \(Self.words(copied))")
    }

    private func copy(
        _ path: String, ofContainer name: String, to take: @escaping ChildProcess.OutputHandler
    ) throws(EngineError) -> ProcessResult {
        do {
            let command = command(dialect.copyArguments(name: name, path: path))
            return try ChildProcess(command, timeout: callTimeout).run(onOutput: take)
        } catch is ImageFile.EndOfInterest {
            return ProcessResult(status: .exited(0))
        } catch let error as ProcessError {
            if case .cannotStart(let executable, let why) = error { throw .notInstalled("\(executable): \(why)") }
            throw .unreachable(error.description)
        } catch {
            throw .unreachable("\(error)")
        }
    }
}

/// Cuts a stream of bytes into lines, and keeps the last few, with the first that names a full disk.
struct LineTail {
    private var pending: [UInt8] = []
    private var lines: [String] = []
    private var cause: String?

    /// - Returns: the lines that `bytes` completed; a carriage return ends one too, as progress bars use it.
    mutating func append(_ bytes: UnsafeRawBufferPointer) -> [String] {
        pending += bytes
        var completed = pending.split(omittingEmptySubsequences: false) {
            $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r")
        }
        pending = completed.popLast().map { Array($0.suffix(4096)) } ?? []
        let new = completed.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
        cause = cause ?? new.first(where: EngineError.isForWantOfSpace)
        lines = Array((lines + new).suffix(3))
        return new.map { TerminalText.escaped($0) }
    }

    /// The last lines, the unfinished one among them; safe to show.
    var tail: String {
        let rest = pending.isEmpty ? [] : [String(decoding: pending, as: UTF8.self)]
        return EngineWords.summary(cause: cause, (lines + rest).suffix(3))
    }
}
