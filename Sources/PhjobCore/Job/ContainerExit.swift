/// How a container ended, as far as the engine and the kernel tell.
package struct ContainerExit: Sendable, Equatable {
    /// What the engine reports; it reports 0 for much that never ran, so it proves nothing by itself.
    package var exitCode: Int32
    /// Whether the engine says that the container's state is one of an ended one.
    package var isEnded: Bool
    package var startTime: Timestamp?
    package var finishTime: Timestamp?
    /// Whether the engine or the kernel saw a process of the container killed for want of memory.
    package var outOfMemory: Bool
    package var usage: JobOutcome.Usage?

    package init(
        exitCode: Int32, isEnded: Bool = true, startTime: Timestamp?, finishTime: Timestamp?, outOfMemory: Bool = false,
        usage: JobOutcome.Usage? = nil
    ) {
        self.exitCode = exitCode
        self.isEnded = isEnded
        self.startTime = startTime
        self.finishTime = finishTime
        self.outOfMemory = outOfMemory
        self.usage = usage
    }

    /// Whether state and times agree that the command ran and ended; without this no exit code is believed.
    package var isBelievable: Bool {
        guard isEnded, let startTime, let finishTime else { return false }
        return startTime.milliseconds > 0 && finishTime >= startTime
    }
}
