/// Something that happened to a job, or was asked of it.
package enum JobEvent: Sendable, Equatable {
    /// The runner has just loaded the job from disk.
    case recovered
    /// The plan lets it start, with these GPUs.
    case admitted(gpus: [GPU])
    /// It can never run here any more.
    case foundUnschedulable(message: String)
    /// Its image is here and its directories are made.
    case prepared(ResolvedImage, bootID: String)
    case preparationFailed(JobReason, message: String)
    /// The engine has started its container.
    case started(ContainerIdentity, at: Timestamp)
    /// The engine has said that the container could not be made or started, or it must not be.
    case launchFailed(JobReason, message: String)
    /// The engine has no container of its name, and nobody is about to make one: the launch never happened.
    case launchNotBegun
    /// Nobody can say whether the launch that was cut short ran the command.
    case launchUncertain
    /// So many of its processes were killed since its start because its memory was used up; the others run on.
    case processesKilled(Int64)
    case exited(ContainerExit)
    /// The container, or the whole boot that it ran in, is gone.
    case lost(JobReason, message: String)
    case cancelRequested(userName: String)
    /// Somebody wants it held back, released, or moved in the queue.
    case queueingChanged(QueueingChange, userName: String, isByAdministrator: Bool)
    case deadlinePassed
    /// It has more on the disk than it may.
    case scratchLimitPassed
    /// Its log is all there will be, whatever becomes of its container from here on.
    case logCollected(incomplete: String?)
    /// Its container and scratch directory are gone and its log is all there will be.
    case cleanedUp(logIncomplete: String?)
    /// Retention says that its log's time is over.
    case logExpired
}
