import Glibc
package import PhjobCore
package import PhjobSystem

/// What an ended job leaves behind goes in two steps: it is moved away at once, and removed however long that takes.
///
/// Until then the job's directory holds what processes outside the container could be working in; afterwards no path
/// leads there but for the runner's user.
extension JobStore {
    /// Moves the home and the other files that a job had for its container to the trash.
    ///
    /// - Returns: their names there, for ``removeTrash(_:)``.
    /// - Throws: ``SystemError``; then some may have been moved, and the rest can be by another call.
    package func discardScratch(of id: JobID) throws(SystemError) -> [String] {
        let directory = try Descriptor(opening: id.text, in: jobs, flags: O_RDONLY | O_DIRECTORY)
        let trash = try Directory.open(layout.trash)
        var names: [String] = []
        for name in JobLayout.scratchNames {
            // A home of an earlier attempt at the same job may still lie there.
            let target = "\(id.text).\(name).\(UInt32.random(in: 0 ... .max))"
            do throws(SystemError) {
                try Self.move(name, from: directory, to: target, in: trash)
                names.append(target)
            } catch {
                if error.number != ENOENT { throw error }
            }
        }
        return names
    }

    private static func move(
        _ name: String, from directory: Descriptor, to target: String, in trash: Descriptor
    ) throws(SystemError) {
        do throws(SystemError) {
            try retrying("cannot move \(name) away") { renameat(directory.number, name, trash.number, target) }
        } catch {
            // A directory that its owner may not write to gets no other parent (rename(2), EACCES).
            guard error.number == EACCES else { throw error }
            let place = try Descriptor(opening: name, in: directory, flags: O_RDONLY | O_DIRECTORY | O_NONBLOCK)
            fchmod(place.number, 0o700)
            try retrying("cannot move \(name) away") { renameat(directory.number, name, trash.number, target) }
        }
    }

    /// The names of all that lies in the trash.
    package func trashNames() throws(SystemError) -> [String] { try Directory.names(in: Directory.open(layout.trash)) }

    /// Removes what lies in the trash under these names. That one is missing is no error.
    ///
    /// - Throws: ``SystemError`` for the first that could not be removed, after all others were.
    package func removeTrash(_ names: [String]) throws(SystemError) {
        let trash = try Directory.open(layout.trash)
        var failure: SystemError?
        for name in names {
            do throws(SystemError) {
                try TreeRemoval.remove(name, in: trash)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }
}
