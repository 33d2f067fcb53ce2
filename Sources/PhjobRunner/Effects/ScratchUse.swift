import Glibc
import PhjobCore
import PhjobEngine
import PhjobStore
import PhjobSystem

/// What a running job takes of this machine's disks beside its group's volume and datasets: its home and `/tmp`, what
/// it wrote elsewhere in its container (`/run/lock`, for one, is open to everybody in many images), volumes that its
/// image declares, and files without a name that its processes keep open.
struct ScratchUse: Sendable {
    private let context: EffectContext
    private let container: ContainerIdentity

    /// `nil` if the job does not run.
    init?(_ context: EffectContext) {
        guard case .running(let running) = context.job.state else { return nil }
        self.context = context
        container = running.container
    }

    /// Whether it is more than `limit` bytes. Takes time in proportion to the limit at most, every file counting as
    /// 4 KiB or more. What cannot be looked at does not count.
    func isOver(_ limit: Int64) -> Bool {
        let own = context.store.scratchSize(of: context.id, limit: limit)
        return own > limit || containerSize(limit: limit - own) > limit - own
    }

    private func containerSize(limit: Int64) -> Int64 {
        guard let process = container.process, let mounts = try? MountTable(of: process.pid),
            // Only now, so that the mounts are those of this process and not of a later one with its number.
            ProcessTable.startTicks(of: process.pid) == process.startTicks
        else { return 0 }
        let disk = ContainerDisk(mounts, job: context.id)
        let root = "/proc/\(process.pid)/root"
        var devices: [dev_t: dev_t] = [:]
        for path in [context.store.layout.job(context.id).home, "\(root)/"] {
            if let device = Self.device(of: path) { devices[device] = device }
        }
        var total: Int64 = 0
        if let layer = disk.writableLayer.flatMap(openLayer) {
            total = TreeSize.measureUntrusted(".", in: layer, limit: limit)
            if let upper = try? layer.status().st_dev, let union = Self.device(of: "\(root)/") {
                devices[upper] = upper
                devices[union] = upper
            }
        } else if let engine = try? context.findEngine() {
            total = (try? engine.writtenSize(container.id)) ?? 0
        }
        for point in disk.volumes where total <= limit {
            guard let volume = Self.openVolume(point, below: root) else { continue }
            if let device = try? volume.status().st_dev { devices[device] = device }
            total = Self.sum(total, TreeSize.measureUntrusted(".", in: volume, limit: limit - total))
        }
        guard total <= limit else { return total }
        return total
            + UnlinkedFiles.size(
                heldBy: process.pid, on: devices, exceptBelow: disk.shared, limit: limit - total)
    }

    private func openLayer(_ layer: String) -> Descriptor? {
        if layer.hasPrefix("/") { return try? Directory.open(layer) }
        // podman gives the kernel paths below its storage where whole ones would be too long for mount(2).
        let storage = (try? context.findEngine())?.facts.storageDirectory
        return storage.flatMap { try? Directory.open("\($0)/overlay/\(layer)") }
    }

    /// Opens a directory of the container, component by component: a link in it would be followed on the host.
    private static func openVolume(_ path: String, below root: String) -> Descriptor? {
        try? path.split(separator: "/").reduce(Descriptor(opening: root, flags: O_RDONLY | O_DIRECTORY)) {
            try Descriptor(opening: String($1), in: $0, flags: O_RDONLY | O_DIRECTORY)
        }
    }

    private static func device(of path: String) -> dev_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_dev : nil
    }

    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }
}
