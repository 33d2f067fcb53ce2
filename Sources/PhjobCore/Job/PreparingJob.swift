/// What is known of a job whose image, directories and container are being made.
package struct PreparingJob: Sendable, Equatable, Codable {
    /// The GPUs set aside for it.
    package var gpus: [GPU]
    /// Set before the engine is asked to start the container, so that no crash can hide that it was asked.
    package var launch: Launch?
    package var intent: StopIntent?

    package init(gpus: [GPU], launch: Launch? = nil, intent: StopIntent? = nil) {
        self.gpus = gpus
        self.launch = launch
        self.intent = intent
    }

    /// That the engine was, or is about to be, asked to start the container.
    package struct Launch: Sendable, Equatable, Codable {
        package var image: ResolvedImage
        package var requestTime: Timestamp
        /// The boot during which it was asked (`/proc/sys/kernel/random/boot_id`).
        package var bootID: String

        package init(image: ResolvedImage, requestTime: Timestamp, bootID: String) {
            self.image = image
            self.requestTime = requestTime
            self.bootID = bootID
        }
    }
}
