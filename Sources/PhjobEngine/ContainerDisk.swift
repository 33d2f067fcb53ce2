package import PhjobCore
package import PhjobSystem

/// Where a running container's files lie on the disk, from the mounts that its first process sees.
package struct ContainerDisk: Sendable, Equatable {
    /// The directory of what was written to the container's root; `nil` if its root is no overlay (overlayfs), so that
    /// only the engine can tell its size.
    package var writableLayer: String?
    /// Mount points of volumes that the engine made for this container, because its image declares them.
    package var volumes: [String] = []
    /// Mount points of everything else but the job's own directories: volumes, datasets, what the kernel shows.
    package var shared: [String] = []

    /// - Parameter mounts: of the container's first process.
    package init(_ mounts: MountTable, job: JobID) {
        let root = mounts.mount(holding: "/")
        writableLayer = root.flatMap { $0.fileSystem == "overlay" ? $0.superOption("upperdir") : nil }
        for mount in mounts.mounts where mount.point != "/" {
            if Self.isVolume(mount.shown) {
                volumes.append(mount.point)
            } else if !mount.shown.contains("/\(job)/") {
                shared.append(mount.point)
            }
        }
    }

    /// Both engines keep a volume without a name at `…/volumes/<64 hexadecimal digits>/_data`.
    private static func isVolume(_ path: String) -> Bool {
        let parts = path.split(separator: "/").suffix(3)
        guard parts.count == 3, parts.first == "volumes", parts.last == "_data" else { return false }
        let name = parts[parts.startIndex + 1]
        return name.utf8.count == 64 && name.allSatisfy(\.isHexDigit)
    }
}
