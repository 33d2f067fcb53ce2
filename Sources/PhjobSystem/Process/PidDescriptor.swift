import CPhjobLinux
import Glibc

/// A descriptor that becomes readable when a process ends, also one that is no child of ours (pidfd_open(2)).
package enum PidDescriptor {
    /// - Parameter startTicks: what tells the process from a later one of the same number.
    /// - Returns: nil if that process has ended, or cannot be watched.
    package static func open(pid: Int32, startTicks: UInt64) -> Descriptor? {
        let number = phjob_pidfd_open(pid)
        guard number >= 0 else { return nil }
        let descriptor = Descriptor(owning: number)
        // Looked at after opening: if it is still the same process now, the descriptor is of that process.
        return ProcessTable.startTicks(of: pid) == startTicks ? descriptor : nil
    }

    /// SIGKILL for the process of a descriptor (pidfd_send_signal(2)).
    package static func kill(_ descriptor: Descriptor) {
        _ = phjob_pidfd_send_signal(descriptor.number, SIGKILL)
    }
}
