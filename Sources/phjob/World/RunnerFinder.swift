import PhjobCore

/// The way to the runner.
protocol RunnerFinder: Sendable {
    /// The socket at which a runner answers; nil if none does.
    func find() throws -> String?

    /// The same; starts a runner if there is none.
    func findOrStart() throws -> String
}
