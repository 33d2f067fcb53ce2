package import PhjobCore
package import PhjobSystem

/// A file in which an engine, or a process of its, notes that a container has ended, and how.
///
/// It says what `inspect` would say, without a client that takes as long to start as many a job to run.
package protocol ExitNotice: Sendable {
    /// Waits for the note.
    ///
    /// - Returns: nil if it does not come by then, or holds anything else. Its start time is nil where the file has none.
    func wait(until deadline: Monotonic) -> ContainerExit?
}

extension ExitNotice {
    /// Waits until a file that is made or replaced in `directory` can be read as a note.
    ///
    /// - Parameter writer: becomes readable when whoever writes the note has ended; nil for a daemon, which goes on.
    func wait<Note>(
        in directory: String, until deadline: Monotonic, orEndOf writer: Descriptor? = nil, read: () -> Note?
    ) -> Note? {
        guard let watch = try? FileWatch(), (try? watch.add(directory, .entries)) != nil else { return read() }
        while true {
            // Looked for after the watch has begun: it cannot come unseen.
            if let found = read() { return found }
            let descriptors = [watch.descriptor.number] + (writer.map { [$0.number] } ?? [])
            guard let ready = try? Poll.readable(descriptors, until: deadline), ready.contains(true) else { return nil }
            if ready.count > 1, ready[1] { return read() }
            watch.drain()
        }
    }
}
