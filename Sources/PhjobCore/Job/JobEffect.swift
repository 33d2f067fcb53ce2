/// What is to be done after a job's record was saved. Results come back as events.
package enum JobEffect: Sendable, Equatable {
    /// Get the image, make the directories and the script.
    case prepare
    /// Stop preparing: nobody waits for it any more.
    case abandonPreparation
    /// Ask the engine to start the container.
    case launch
    /// Find out what became of a launch that an earlier runner began.
    case findLaunch
    /// Find the container that an earlier runner started.
    case findContainer
    /// Wait for the container's end, and for the deadline if there is one.
    case watch
    /// SIGTERM, a grace period, SIGKILL.
    case stop
    /// Complete the log, remove the container and the scratch directory.
    case cleanUp
    /// Remove the log's files.
    case removeLog
    /// Its share of the node, or its place in the queue, is free: plan again.
    case plan
}
