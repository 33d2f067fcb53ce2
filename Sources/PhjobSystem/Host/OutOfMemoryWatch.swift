import Glibc
import Synchronization

/// Counts the processes of a control group that are killed because it has used up its memory: at once, by the kernel's notices, and
/// also when the group is gone before its counters could be read.
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

    private struct State {
        /// Kills that were counted.
        var kills: Int64 = 0
        /// Notices of version 1.
        var notices: UInt64 = 0
    }

    private let group: ControlGroup
    private let source: Source
    private let state = Mutex(State())

    /// Seconds that the kernel gets to tell of a group's removal.
    private static let removalTimeout = 5.0

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

    /// Readable when a process may have been killed, or is about to be: version 1 gives notice before the kill.
    package var descriptor: Descriptor {
        switch source {
        case .counters(let kills, _): kills.descriptor
        case .file(let file): file.descriptor
        }
    }

    /// Takes note of what has changed, and makes ``descriptor`` unreadable.
    ///
    /// - Returns: how many processes were killed, as far as they were counted.
    @discardableResult
    package func look() -> Int64 {
        state.withLock { state in
            var counted: Int64?
            switch source {
            case .counters(let kills, _):
                state.notices += kills.drain()
                counted = group.outOfMemoryKills
            case .file(let file):
                let text = file.read()
                // Of a group that is gone there is nothing to come.
                if text == nil { file.end() }
                counted = text.flatMap { ControlGroup.field("oom_kill", in: $0) }
            }
            state.kills = max(state.kills, counted ?? 0)
            return state.kills
        }
    }

    /// How many processes were killed, after all processes of the group have ended; 1 if it was at least one, and none could be
    /// counted. May block for some seconds.
    ///
    /// - Parameter counted: the group's own count, if it could still be read after that.
    /// - Returns: nil if nobody can tell.
    package func conclusion(counted: Int64?) -> Int64? {
        let known = look()
        if let counted { return max(counted, known) }
        if known > 0 { return known }
        guard case .counters(let kills, let removal) = source else { return nil }
        var notices = state.withLock(\.notices)
        // A notice comes before the kill: without any there was none.
        if notices != 1 { return notices > 1 ? 1 : 0 }
        let deadline = Monotonic.now.adding(seconds: Self.removalTimeout)
        let isRemoved = try? Poll.readable([removal.descriptor.number], until: deadline)
        notices += kills.drain()
        return notices > 1 ? 1 : isRemoved == [true] ? 0 : nil
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
