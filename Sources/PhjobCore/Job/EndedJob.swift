/// What is known of a job that has ended. Its outcome never changes again; only what is kept of it does.
package struct EndedJob: Sendable, Equatable {
    package let outcome: JobOutcome
    /// When its container was started; `nil` if none was.
    package let startTime: Timestamp?
    package let finishTime: Timestamp
    package let image: ResolvedImage?
    package let gpus: [GPU]
    /// The engine's id of its container, if it had one.
    package let containerID: String?
    /// Whether a container of its name may still exist, so that clean-up must look.
    package let mayHaveContainer: Bool
    /// Whether its log was fetched from the engine, which is then no longer asked for it. Never set where the engine
    /// itself writes our file.
    package internal(set) var isLogCollected = false
    /// Whether its log is complete, its container gone and its scratch directory removed.
    package internal(set) var isCleanedUp = false
    /// Why its log may lack lines; nil if it is complete.
    package internal(set) var logIncomplete: String?
    /// When its log was removed by retention.
    package internal(set) var logExpireTime: Timestamp?

    package init(
        outcome: JobOutcome, startTime: Timestamp?, finishTime: Timestamp, image: ResolvedImage?, gpus: [GPU],
        containerID: String?, mayHaveContainer: Bool
    ) {
        self.outcome = outcome
        self.startTime = startTime
        self.finishTime = finishTime
        self.image = image
        self.gpus = gpus
        self.containerID = containerID
        self.mayHaveContainer = mayHaveContainer
    }
}

extension EndedJob: Codable {
    private enum CodingKeys: String, CodingKey {
        case startTime, finishTime, image, gpus, containerID, mayHaveContainer, isLogCollected, isCleanedUp,
            logIncomplete, logExpireTime
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        outcome = try JobOutcome(from: decoder)
        startTime = try container.decodeIfPresent(Timestamp.self, forKey: .startTime)
        finishTime = try container.decode(Timestamp.self, forKey: .finishTime)
        image = try container.decodeIfPresent(ResolvedImage.self, forKey: .image)
        gpus = try container.decodeIfPresent([GPU].self, forKey: .gpus) ?? []
        containerID = try container.decodeIfPresent(String.self, forKey: .containerID)
        mayHaveContainer = try container.decodeIfPresent(Bool.self, forKey: .mayHaveContainer) ?? true
        isLogCollected = try container.decodeIfPresent(Bool.self, forKey: .isLogCollected) ?? false
        isCleanedUp = try container.decodeIfPresent(Bool.self, forKey: .isCleanedUp) ?? false
        logIncomplete = try container.decodeIfPresent(String.self, forKey: .logIncomplete)
        logExpireTime = try container.decodeIfPresent(Timestamp.self, forKey: .logExpireTime)
    }

    package func encode(to encoder: any Encoder) throws {
        try outcome.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(startTime, forKey: .startTime)
        try container.encode(finishTime, forKey: .finishTime)
        try container.encodeIfPresent(image, forKey: .image)
        if !gpus.isEmpty { try container.encode(gpus, forKey: .gpus) }
        try container.encodeIfPresent(containerID, forKey: .containerID)
        try container.encode(mayHaveContainer, forKey: .mayHaveContainer)
        if isLogCollected { try container.encode(true, forKey: .isLogCollected) }
        try container.encode(isCleanedUp, forKey: .isCleanedUp)
        try container.encodeIfPresent(logIncomplete, forKey: .logIncomplete)
        try container.encodeIfPresent(logExpireTime, forKey: .logExpireTime)
    }
}
