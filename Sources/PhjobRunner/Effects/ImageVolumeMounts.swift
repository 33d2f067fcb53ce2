import Glibc
import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem

/// Keeps the volumes of an image from hiding a job's mounts, where the engine cannot leave such volumes out: over each,
/// the same directory of the mount's own source is mounted, which an engine then takes in place of an empty volume.
struct ImageVolumeMounts {
    let job: Job
    /// The job's directory, which only the runner reaches.
    let jobDirectory: String
    let mode: RunnerMode

    /// Why a volume would hide a mount after all; for a person.
    struct Refusal: Error {
        let message: String
    }

    /// Adds the mounts, and makes the directories that they need.
    ///
    /// - Throws: ``Refusal`` if that cannot be done, or not safely.
    func add(_ volumes: [String], to request: inout ContainerRequest) throws(Refusal) {
        guard volumes.count <= ImageVolumes.limit else {
            throw Refusal(
                message: "the image declares more than \(ImageVolumes.limit) volumes below the job's directories")
        }
        for hidden in ImageVolumes.hidden(volumes, by: request.mounts) {
            let source = "\(hidden.mount.source)/\(hidden.path)"
            if let problem = HostPath.problem(in: hidden.target) { throw refusal(hidden, problem) }
            let isOwn = hidden.mount.source.hasPrefix(jobDirectory + "/")
            // The engine follows symbolic links as root. In a volume that people write to, one could be made between
            // our check and the mount, and would show the job any directory of the host.
            if mode == .system, !isOwn, let problem = SecurePath.problem(at: source) { throw refusal(hidden, problem) }
            do {
                try makeDirectory(hidden, isOwn: isOwn)
            } catch {
                throw refusal(hidden, "\(error)")
            }
            var mount = hidden.mount
            mount.source = source
            mount.target = hidden.target
            request.mounts.append(mount)
        }
    }

    private func refusal(_ hidden: ImageVolumes.Hidden, _ why: String) -> Refusal {
        let path = TerminalText.escaped(hidden.target)
        return Refusal(
            message: "the image declares the volume \(path), with which docker would hide a part of "
                + "\(hidden.mount.target): \(why); build the image without this VOLUME, or use podman, which leaves it out"
        )
    }

    /// Walks to the directory without following links; in the job's own directories and on volumes of the runner's
    /// user, makes what is missing.
    private func makeDirectory(_ hidden: ImageVolumes.Hidden, isOwn: Bool) throws(SystemError) {
        var directory = try Descriptor(opening: hidden.mount.source, flags: O_RDONLY | O_DIRECTORY)
        for bytes in hidden.path.utf8.split(separator: UInt8(ascii: "/")) {
            let part = String(decoding: bytes, as: UTF8.self)
            let flags = O_RDONLY | O_DIRECTORY
            do {
                directory = try Descriptor(opening: part, in: directory, flags: flags)
            } catch {
                guard error.number == ENOENT, !hidden.mount.isReadOnly else { throw error }
                let parent = directory
                try retrying("cannot make \(part)") { mkdirat(parent.number, part, 0o755) }
                let made = try Descriptor(opening: part, in: parent, flags: flags)
                // Whatever the runner's umask is.
                try retrying("cannot set the mode of \(part)") { fchmod(made.number, 0o775) }
                directory = made
                let user = job.spec.user
                if isOwn, geteuid() == 0, user.uid != 0 {
                    try retrying("cannot give \(part) to \(user.name)") { fchown(made.number, user.uid, user.gid) }
                }
            }
        }
    }
}
