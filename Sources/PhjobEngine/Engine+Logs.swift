package import PhjobSystem

extension Engine {
    /// Hands on a container's log, `<time> <bytes>` a line, output and errors in the order in which they were printed.
    ///
    /// - Parameters:
    ///   - since: a time as the engine prints it; what is older is left out.
    ///   - follow: goes on until the container ends.
    ///   - abandon: when it becomes readable, no more is wanted; that is no error.
    /// - Throws: ``EngineError``, or what `emit` threw.
    package func log(
        _ name: String, since: String?, follow: Bool, abandon: Descriptor?,
        emit: @escaping (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        // Without following it ends by itself, but for an engine that hangs.
        let child = ChildProcess(
            command(dialect.logArguments(name, since: since, follow: follow)), timeout: follow ? nil : 3600)
        do {
            let result = try child.run(abandon: abandon, mergingErrors: true, onOutput: emit)
            guard result.isSuccess else {
                throw EngineError.unreachable("its client for the log ended with \(result.status)")
            }
        } catch ProcessError.abandoned {
            return
        } catch ProcessError.cannotStart(let executable, let why) {
            throw EngineError.notInstalled("\(executable): \(why)")
        }
    }

    /// The last lines of a container's log as one line that is safe to show; `nil` if it has none or the engine fails.
    package func logEnd(_ name: String) -> String? {
        guard let result = try? call(dialect.logEndArguments(name)), result.isSuccess,
            !result.output.bytes.isEmpty || !result.errors.bytes.isEmpty
        else { return nil }
        return Self.words(result)
    }

    /// Blocks until a container has ended; for where its process cannot be seen. That it returns proves nothing.
    package func wait(_ name: String) throws(EngineError) {
        let result = try Self.run(ChildProcess(command(["wait", "--", name]), timeout: nil), abandon: abandon)
        guard result.isSuccess else { throw .unreachable(Self.words(result)) }
    }
}
