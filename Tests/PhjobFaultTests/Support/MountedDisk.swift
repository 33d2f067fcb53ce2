import Glibc
import PhjobRunnerTestSupport
import PhjobSystem
import PhjobTestSupport

/// A small file system of a test's own, mounted until the last reference goes.
final class MountedDisk {
    enum Kind: String, Sendable, CaseIterable {
        case tmpfs
        case ext4
    }

    let path: String
    /// The file that an ext4 lies in.
    private let image: String

    /// - Parameters:
    ///   - path: the mount point, made if it is missing; what is mounted there is its owner's alone.
    ///   - image: a file for the content, where the kind needs one.
    init(_ kind: Kind, megabytes: Int, at path: String, image: String) throws {
        self.path = path
        self.image = image
        try Directory.create(path)
        switch kind {
        case .tmpfs:
            try Self.shell("mount -t tmpfs -o size=\(megabytes)m,mode=700 phjob-test \(path)")
        case .ext4:
            try Self.shell("truncate -s \(megabytes)M \(image) && mkfs.ext4 -q -E lazy_itable_init=0 \(image)")
            try Self.mount(image, at: path)
            try Self.shell("chmod 700 \(path) && rmdir \(path)/lost+found && sync -f \(path)")
        }
    }

    /// What a disk held at one moment, as another disk.
    private init(copy image: String, at path: String) throws {
        self.path = path
        self.image = image
        try Directory.create(path)
        try Self.mount(image, at: path)
    }

    deinit {
        // Lazily: a container's process may still stand in it.
        _ = try? HostProcess.shell("umount -l \(path)")
        unlink(image)
    }

    /// Nothing is written of its own accord: only what is asked for by fsync(2) is on the disk.
    private static func mount(_ image: String, at path: String) throws {
        try shell("mount -o loop,noauto_da_alloc,commit=300 \(image) \(path)")
    }

    private static func shell(_ script: String) throws {
        let result = try HostProcess.shell(script)
        guard result.isSuccess else {
            throw Failure(
                description: "\(script): \(result.errors.text); the test needs root, mkfs.ext4 and a free loop device")
        }
    }

    /// The disk as it would be found if the power went now. Nobody may be writing to it.
    func cut(to image: String, at path: String) throws -> MountedDisk {
        try Self.shell("cp --sparse=always \(self.image) \(image)")
        return try MountedDisk(copy: image, at: path)
    }

    /// Takes up all the room there is.
    ///
    /// - Returns: the file that does; without it there is room again.
    func fill() throws -> String {
        let name = "\(path)/filler"
        let file = try Descriptor(opening: name, flags: O_WRONLY | O_CREAT)
        for size in [1 << 20, 4096, 1] {
            let block = [UInt8](repeating: 7, count: size)
            while (try? file.write(block)) != nil {}
        }
        try? file.synchronize()
        return name
    }
}
