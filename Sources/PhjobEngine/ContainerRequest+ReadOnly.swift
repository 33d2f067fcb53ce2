package import PhjobCore
package import PhjobSystem

extension ContainerRequest {
    /// Makes read-only mounts read-only to their depth: one more mount for each file system that is mounted below the
    /// source of one.
    ///
    /// `ro` holds for a mount, not for those below it, which come along writable (mount_setattr(2), `AT_RECURSIVE`; the
    /// engines have no option for it before docker 25). What is mounted on the host later does not reach the container:
    /// its mounts are private (mount_namespaces(7)).
    ///
    /// - Parameters:
    ///   - mounts: of this host, as they are now.
    ///   - resolve: where a path leads without symbolic links; `nil` for nowhere.
    /// - Throws: ``PhjobError`` if the engines cannot be told one of the paths.
    package mutating func coverMounts(
        below mounts: MountTable, resolve: (String) -> String?
    ) throws(PhjobError) {
        var targets = Set(self.mounts.map(\.target))
        for mount in self.mounts where mount.isReadOnly {
            let source = resolve(mount.source) ?? mount.source
            for point in mounts.points(below: source) {
                if let problem = HostPath.problem(in: point) {
                    throw PhjobError(
                        .unavailable, "what is mounted below \(mount.source) cannot be made read-only: \(problem)",
                        hint: "mount it elsewhere, or under another name")
                }
                let target = mount.target + point.dropFirst(source.count)
                // The engines refuse two mounts at one place; one that is there already has its own access.
                guard targets.insert(target).inserted else { continue }
                self.mounts.append(Mount(point, at: target, isReadOnly: true))
            }
        }
    }
}
