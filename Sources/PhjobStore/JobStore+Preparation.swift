package import Glibc
package import PhjobCore
import PhjobSystem

/// What is put into a job's directory for its container.
package struct JobFiles: Sendable, Equatable {
    package var launcher: String
    package var command: String
    package var passwd: String
    package var group: String
    /// Symbolic links in the home directory, by their path there, and where each points in the container.
    package var links: [String: String]
    /// Whether there is to be a directory for the container's `/tmp`.
    package var hasTemporary: Bool

    package init(
        launcher: String, command: String, passwd: String, group: String, links: [String: String],
        hasTemporary: Bool = false
    ) {
        self.hasTemporary = hasTemporary
        self.launcher = launcher
        self.command = command
        self.passwd = passwd
        self.group = group
        self.links = links
    }
}

extension JobStore {
    /// Makes the scratch home, the script and the account files of a job; what an earlier attempt left is removed
    /// first.
    ///
    /// - Parameter user: to whom the home directory belongs.
    package func prepare(_ id: JobID, files: JobFiles, user: JobSpec.User) throws {
        try remove(JobLayout.scratchNames, of: id)
        let layout = layout.job(id)
        let directory = try Directory.open(layout.root)
        try Directory.create(layout.home)
        try Directory.create(layout.launcher, mode: 0o755)
        let launcher = try Directory.open(layout.launcher)
        // The job's user must get in, whatever the umask.
        try retrying("cannot set the mode of \(layout.launcher)") { fchmod(launcher.number, 0o755) }
        try write(files.launcher, to: "start", in: launcher, mode: 0o500, owner: user)
        try write(files.command, to: "command", in: launcher, mode: 0o500, owner: user)
        try write("the command has not begun\n", to: JobLayout.markName, in: launcher, mode: 0o600, owner: user)
        try write(files.passwd, to: "passwd", in: directory, mode: 0o644, owner: nil)
        try write(files.group, to: "group", in: directory, mode: 0o644, owner: nil)
        if files.hasTemporary { try makeTemporary(layout) }
        let home = try Directory.open(layout.home)
        for (path, target) in files.links.sorted(by: { $0.key < $1.key }) {
            if let slash = path.lastIndex(of: "/") {
                let parent = "\(layout.home)/\(path[..<slash])"
                try Directory.create(parent, mode: 0o755)
                try own(Directory.open(parent), by: user)
            }
            try retrying("cannot make the link \(path)") { symlinkat(target, home.number, path) }
        }
        try own(home, by: user)
    }

    /// What hides the image's `/tmp` has its mode. The state directory lets nobody of this machine in.
    private func makeTemporary(_ layout: JobLayout) throws {
        try Directory.create(layout.temporary)
        let temporary = try Directory.open(layout.temporary)
        try retrying("cannot set the mode of \(layout.temporary)") { fchmod(temporary.number, 0o1777) }
    }

    /// The bytes on disk of what a job may write to in its directory, counted no further than just over `limit`;
    /// `Int64.max` if the job made them so that they cannot be measured
    /// (``TreeSize/measureUntrusted(_:in:limit:)``).
    package func scratchSize(of id: JobID, limit: Int64) -> Int64 {
        guard let directory = try? Directory.open(layout.job(id).root) else { return 0 }
        var total: Int64 = 0
        // In the last is the mark that the job may write to.
        for name in ["home", "tmp", "run"] where total <= limit {
            let size = TreeSize.measureUntrusted(name, in: directory, limit: limit - total)
            total = size == .max ? .max : total + size
        }
        return total
    }

    /// Not durable: after a crash it is made again.
    private func write(_ text: String, to name: String, in directory: Descriptor, mode: mode_t, owner: JobSpec.User?)
        throws
    {
        let file = try Descriptor(opening: name, in: directory, flags: O_CREAT | O_EXCL | O_WRONLY, mode: mode)
        try file.write(Array(text.utf8))
        // The mode given to open(2) is subject to the umask.
        try retrying("cannot set the mode of \(name)") { fchmod(file.number, mode) }
        if let owner { try own(file, by: owner) }
    }

    private func own(_ file: Descriptor, by user: JobSpec.User) throws {
        guard geteuid() == 0, user.uid != 0 || user.gid != 0 else { return }
        try retrying("cannot give a file to \(user.name)") { fchown(file.number, user.uid, user.gid) }
    }

    /// Whether the launcher has left its mark: its file is empty. The file is the job's own, so the mark proves nothing
    /// about other jobs.
    ///
    /// - Returns: `nil` if there is no such file: the job was prepared by a phjob without marks, or its files are gone.
    package func commandHasBegun(_ id: JobID) -> Bool? {
        var status = stat()
        guard lstat(layout.job(id).mark, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return status.st_size == 0
    }

    /// Keeps the first log file where it is when the engine begins another; call it once, soon after the launch.
    package func keepLogHead(of id: JobID) {
        let layout = layout.job(id)
        link(layout.log, layout.logHead)
    }

    /// The number that the engine wrote to the job's pid file; nil if there is none.
    package func containerPID(of id: JobID) -> pid_t? {
        let bytes = try? Descriptor(opening: layout.job(id).pid, flags: O_RDONLY | O_NOFOLLOW).readAll(limit: 64)
        let number = bytes.flatMap { pid_t(String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace }) }
        // To kill(2), 0 and below are groups of processes.
        return number.flatMap { $0 > 0 ? $0 : nil }
    }
}
