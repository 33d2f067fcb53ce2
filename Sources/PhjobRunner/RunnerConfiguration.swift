/// Where a runner finds its things.
package struct RunnerConfiguration: Sendable {
    package var mode: RunnerMode
    package var stateDirectory: String
    package var cataloguePath: String
    package var socketPath: String
    /// The runner's environment, of which engines get a part.
    package var environment: [String: String]
    package var version: String

    package init(
        mode: RunnerMode = .personal, stateDirectory: String, cataloguePath: String, socketPath: String,
        environment: [String: String],
        version: String
    ) {
        self.mode = mode
        self.stateDirectory = stateDirectory
        self.cataloguePath = cataloguePath
        self.socketPath = socketPath
        self.environment = environment
        self.version = version
    }
}
