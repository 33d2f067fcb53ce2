/// How a container ended, as far as the engine and the kernel tell.
package struct ContainerExit: Sendable, Equatable {
    /// What the engine reports; it reports 0 for much that never ran, so it proves nothing by itself.
    package var exitCode: Int32
    /// Whether the engine says that the container's state is one of an ended one.
    package var isEnded: Bool
    package var startTime: Timestamp?
    package var finishTime: Timestamp?
    /// Whether the engine or the kernel saw a process of the container killed because its memory was used up.
    package var outOfMemory: Bool
    /// How many there were, if they could be counted.
    package var outOfMemoryKills: Int64?
    package var usage: JobOutcome.Usage?
    /// Whether the kernel told of the end of the container's first process. The times then prove nothing more: somebody
    /// may have set the clock back between the two.
    package var isWitnessed = false
    /// Whether a log-out of the job's user ends what the user has left running, containers among it.
    package var mayBeLogOut = false
    /// Why the log may lack lines, where that was seen at the end.
    package var logIncomplete: String?
    /// Whether the launcher left its mark, which it does just before the command begins; `nil` if none was expected or
    /// it cannot be read.
    package var hasBegun: Bool?
    /// The last lines of the log of a command that never began: the words of the engine, the runtime or the image's
    /// shell.
    package var words: String?

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

    /// Adds what was counted while it ran.
    mutating func addKills(_ count: Int64?) {
        guard let count, count > 0 else { return }
        outOfMemory = true
        outOfMemoryKills = max(count, outOfMemoryKills ?? 0)
    }

    /// Seconds by which the end may be recorded before the start.
    ///
    /// The engines read the clock for the start only when the runtime has answered: a command that ends at once is
    /// recorded as having ended up to some milliseconds before it began, and on a busy machine more.
    private static let clockSlack: Int64 = 10

    /// Whether state, times and code agree that the command ran and ended; without this no exit code is believed.
    package var isBelievable: Bool { ranToAnEnd && (0...255).contains(exitCode) }

    /// Whether state and times, or the kernel, agree that the command ran and ended, be its exit code what it may.
    var ranToAnEnd: Bool {
        guard isEnded, let startTime, let finishTime else { return false }
        guard startTime.milliseconds > 0 else { return false }
        return isWitnessed || finishTime.adding(seconds: Self.clockSlack) >= startTime
    }

    /// When the engine itself ended the command, which had run past `deadline` seconds; nil if it did not.
    ///
    /// It does so where no runner was there to do it, and then gives -1 for the exit code (podman-run(1), `--timeout`).
    func backstopTime(deadline: Int64?) -> Timestamp? {
        guard ranToAnEnd, !isBelievable, let deadline, let startTime, let finishTime else { return nil }
        return finishTime >= startTime.adding(seconds: deadline) ? finishTime : nil
    }
}
