/// What is known of a job whose container was started.
package struct RunningJob: Sendable, Equatable, Codable {
    package var gpus: [GPU]
    package var image: ResolvedImage
    package var container: ContainerIdentity
    package var startTime: Timestamp
    /// When its time is up; nil if it has no end.
    package var deadline: Timestamp?
    package var intent: StopIntent?
    /// How many of its processes were killed because its memory was used up; `nil` for none.
    package var outOfMemoryKills: Int64?

    package init(
        gpus: [GPU], image: ResolvedImage, container: ContainerIdentity, startTime: Timestamp, deadline: Timestamp?,
        intent: StopIntent? = nil
    ) {
        self.gpus = gpus
        self.image = image
        self.container = container
        self.startTime = startTime
        self.deadline = deadline
        self.intent = intent
    }
}
