import PhjobCore

/// The way to the runner.
protocol RunnerFinder: Sendable {
    /// Where to try first: the socket at which a runner of this set-up mostly is.
    var usualSocket: String { get }

    /// The socket at which a runner answers; nil if none does.
    func find() throws -> String?

    /// The same; starts a runner if there is none.
    func findOrStart() throws -> String
}
