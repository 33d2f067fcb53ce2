package import Glibc

/// A process in the kernel's own words (proc(5)).
///
/// Arguments, name and environment are not here: the owner of a process chooses them, so nothing may depend on them.
package struct ProcessEntry: Sendable, Equatable {
    package let pid: pid_t
    /// Clock ticks between the boot and its start, which tell it from a later process of the same number.
    package let startTicks: UInt64
    package let parent: pid_t
    /// `nil` if they cannot be read.
    package let uids: UserIDs?
    /// Whether it is in a PID namespace below ours, as all processes of containers are (pid_namespaces(7)). Also true if the
    /// kernel does not say.
    package let isInContainer: Bool

    /// The four user ids of a process (credentials(7)). A set-user-ID program has root's effective and saved uid, and often
    /// the real uid of the user who started it.
    package struct UserIDs: Sendable, Equatable {
        package let real: uid_t
        package let effective: uid_t
        package let saved: uid_t
        package let fileSystem: uid_t

        package func areAll(_ uid: uid_t) -> Bool {
            real == uid && effective == uid && saved == uid && fileSystem == uid
        }
    }

    /// - Parameter status: the text of `/proc/<pid>/status`. The kernel escapes the process's name in it, so that no line of
    ///   it can be forged.
    package init(pid: pid_t, startTicks: UInt64, parent: pid_t, status: String) {
        self.pid = pid
        self.startTicks = startTicks
        self.parent = parent
        let words = { (name: String) in
            status.split(separator: "\n").first { $0.hasPrefix(name) }?.split(whereSeparator: \.isWhitespace) ?? []
        }
        let numbers = words("Uid:").dropFirst().compactMap { uid_t($0) }
        uids =
            numbers.count == 4
            ? UserIDs(real: numbers[0], effective: numbers[1], saved: numbers[2], fileSystem: numbers[3]) : nil
        // `NSpid:` its number in each namespace from ours down.
        isInContainer = words("NSpid:").count != 2
    }

    /// Whether it has our uid alone and is in no container. A set-user-ID program that another user started is not ours; one
    /// that sets all its uids, such as sudo(8), is: see ``ProcessProgram`` for what it runs.
    package var isOurs: Bool { uids?.areAll(geteuid()) == true && !isInContainer }

    /// Sends it SIGKILL, unless it has ended; never a later process of the same number.
    ///
    /// - Parameter condition: checked once more when the process can no longer be confused with another one.
    package func kill(if condition: () -> Bool = { true }) {
        guard let descriptor = PidDescriptor.open(pid: pid, startTicks: startTicks), condition() else { return }
        PidDescriptor.kill(descriptor)
    }
}
