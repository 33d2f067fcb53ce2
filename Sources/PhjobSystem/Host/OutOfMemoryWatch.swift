import Glibc
import Synchronization

/// Knows whether a process of a control group was killed for want of memory, also when the group is gone before anybody looks.
///
/// An engine removes a container's group as soon as the container has ended; a busy process comes too late to read its counters.
package final class OutOfMemoryWatch: Sendable {
    private enum Source {
        /// Version 1: `kills` counts the kernel's notices, and one more for the group's removal; `removal` gets only the latter, and
        /// later (memory.rst, sections 9 and 10; cgroups.rst, section 2.4, of the kernel's documentation for cgroup-v1).
        case counters(kills: Wakeup, removal: Wakeup)
        /// Version 2: a file that has to be read when it changes, while there is one.
        case file(ControlFileWatch)
    }

    private let group: ControlGroup
    private let source: Source
    private let hasSeenKill = Atomic(false)

    /// Seconds that the kernel gets to tell of a group's removal.
    private static let patience = 5.0

    /// Nil if the group's counters cannot be watched.
    package init?(_ group: ControlGroup) {
        guard let directory = group.memoryDirectory else { return nil }
        self.group = group
        if let file = ControlFileWatch("\(directory)/memory.events") {
            source = .file(file)
        } else if let (kills, removal) = try? Self.counters(directory) {
            source = .counters(kills: kills, removal: removal)
        } else {
            return nil
        }
    }

    /// What to poll, for ``look()``; nil where the kernel itself keeps count.
    package var descriptor: Descriptor? {
        if case .file(let file) = source { file.descriptor } else { nil }
    }

    /// Takes note of what has changed.
    package func look() {
        guard case .file(let file) = source else { return }
        let kills = file.read().map { ControlGroup.field("oom_kill", in: $0) ?? 0 }
        if let kills, kills > 0 { hasSeenKill.store(true, ordering: .relaxed) }
        // One is enough, and of a group that is gone there is nothing to come.
        if kills != 0 { file.end() }
    }

    /// What there is to tell after all processes of the group have ended. May block for some seconds.
    ///
    /// - Parameter counted: the group's own count, if it could still be read after that.
    /// - Returns: nil if nobody can tell.
    package func conclusion(counted: Int64?) -> Bool? {
        if let counted { return counted > 0 }
        switch source {
        case .file:
            return hasSeenKill.load(ordering: .relaxed) ? true : nil
        case .counters(let kills, let removal):
            var notices = kills.drain()
            // A notice comes before the kill: without any there was none.
            if notices != 1 { return notices > 1 }
            let isRemoved = try? Poll.readable([removal.descriptor.number], until: .now.adding(seconds: Self.patience))
            notices += kills.drain()
            return notices > 1 ? true : isRemoved == [true] ? false : nil
        }
    }

    private static func counters(_ directory: String) throws(SystemError) -> (kills: Wakeup, removal: Wakeup) {
        let (kills, removal) = (try Wakeup(), try Wakeup())
        let memory = try Descriptor(opening: "\(directory)/memory.usage_in_bytes", flags: O_RDONLY)
        let control = try Descriptor(opening: "\(directory)/memory.oom_control", flags: O_RDONLY)
        let registration = try Descriptor(opening: "\(directory)/cgroup.event_control", flags: O_WRONLY)
        // A threshold that is never reached. The kernel tells of the removal in the reverse order of registration.
        try registration.write(Array("\(removal.descriptor.number) \(memory.number) \(Int64.max >> 1)".utf8))
        try registration.write(Array("\(kills.descriptor.number) \(control.number)".utf8))
        return (kills, removal)
    }
}
