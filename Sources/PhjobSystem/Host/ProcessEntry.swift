package import Glibc

/// A process as proc(5) shows it.
package struct ProcessEntry: Sendable, Equatable {
    package let pid: pid_t
    /// Clock ticks between the boot and its start, which tell it from a later process of the same number.
    package let startTicks: UInt64
    package let parent: pid_t
    /// Whose rights it has.
    package let uid: uid_t
    /// Whether it is in a PID namespace below ours, as all processes of containers are (pid_namespaces(7)).
    package let isInContainer: Bool
    package let arguments: [String]
    /// Whether its program's file gives its rights to whoever starts it (execve(2), set-user-ID).
    package let hasRightsOfItsFile: Bool

    /// - Parameter status: the text of `/proc/<pid>/status`.
    package init(
        pid: pid_t, startTicks: UInt64, parent: pid_t, status: String, arguments: [String],
        hasRightsOfItsFile: Bool = false
    ) {
        self.pid = pid
        self.startTicks = startTicks
        self.parent = parent
        self.arguments = arguments
        self.hasRightsOfItsFile = hasRightsOfItsFile
        let words = { (name: String) in
            status.split(separator: "\n").first { $0.hasPrefix(name) }?.split(whereSeparator: \.isWhitespace) ?? []
        }
        // `Uid:` real, effective, saved, file system; `NSpid:` its number in each namespace from ours down.
        uid = words("Uid:").dropFirst(2).first.flatMap { uid_t($0) } ?? uid_t.max
        isInContainer = words("NSpid:").count > 2
    }

    /// Whether somebody with our rights started it, so that its arguments can be believed. Anybody may give their own processes any
    /// arguments, also sudo(8) while it asks for a password, and so may what runs in a container.
    package var isOurs: Bool { uid == geteuid() && !isInContainer && !hasRightsOfItsFile }

    /// Sends it SIGKILL, unless it has ended; never a later process of the same number.
    package func kill() {
        guard let descriptor = PidDescriptor.open(pid: pid, startTicks: startTicks) else { return }
        PidDescriptor.kill(descriptor)
    }
}
