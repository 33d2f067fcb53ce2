import PhjobCore

/// What an image's `VOLUME` lines would hide: an engine mounts an empty volume of its own at each, also below a mount
/// of ours.
package enum ImageVolumes {
    /// A declared volume below a mount of the job.
    package struct Hidden: Sendable, Equatable {
        /// The mount that it lies below.
        package let mount: ContainerRequest.Mount
        /// Its path below that mount's target.
        package let path: String
        /// Its path in the container.
        package let target: String
    }

    /// The declared paths that can matter: those below where jobs have mounts, written out without `.`, `..` and empty
    /// parts.
    ///
    /// - Parameter declared: the paths of the image, as it writes them.
    package static func relevant(_ declared: some Sequence<String>) -> [String] {
        let place = ContainerRequest.Place.self
        let roots = [place.home, "/project", "/datasets", "/tmp", "/var/tmp", place.launcher]
        let clean = Set(declared.map(Self.clean))
        return Array(
            clean.filter { path in roots.contains { rest(of: path, below: $0) != nil } }.sorted().prefix(limit + 1))
    }

    /// An image with more of them than this is refused.
    package static let limit = 64

    /// The volumes that lie below a mount, with the mount that is nearest above. What is a mount's own target the
    /// engines leave to the mount.
    package static func hidden(_ volumes: [String], by mounts: [ContainerRequest.Mount]) -> [Hidden] {
        volumes.compactMap { volume in
            guard !mounts.contains(where: { $0.target.utf8.elementsEqual(volume.utf8) }) else { return nil }
            let above = mounts.filter { rest(of: volume, below: $0.target) != nil }
            guard let mount = above.max(by: { $0.target.utf8.count < $1.target.utf8.count }),
                let path = rest(of: volume, below: mount.target)
            else { return nil }
            return Hidden(mount: mount, path: path, target: volume)
        }
    }

    /// By bytes, as the kernel takes paths: a combining character would hide a slash.
    private static func rest(of path: String, below root: String) -> String? {
        let root = (root + "/").utf8
        return path.utf8.starts(with: root) ? String(decoding: path.utf8.dropFirst(root.count), as: UTF8.self) : nil
    }

    private static func clean(_ path: String) -> String {
        var parts: [Substring.UTF8View] = []
        for part in path.utf8.split(separator: UInt8(ascii: "/")) where !part.elementsEqual(".".utf8) {
            if part.elementsEqual("..".utf8) { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
    }
}
