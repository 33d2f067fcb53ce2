import PhjobRunner

/// Which runner a command means, and why.
struct RunnerChoice: Sendable, Equatable {
    let mode: RunnerMode
    /// What follows "because".
    let reason: String

    /// What there is on this machine; looked at only as far as it matters.
    struct Machine {
        /// Whether a file is at the system runner's socket: it stays when that runner ends.
        var hasSystemSocket: () -> Bool
        var hasSystemCatalogue: () -> Bool
        /// Whether this user has a catalogue, without which there can be no personal runner.
        var hasOwnCatalogue: () -> Bool
    }

    /// - Parameter demanded: what `--system` or `--personal` asks for.
    static func decide(
        demanded: RunnerMode?, environment: [String: String], on machine: Machine
    ) -> RunnerChoice {
        switch demanded {
        case .system: return RunnerChoice(mode: .system, reason: "'--system' was given")
        case .personal: return RunnerChoice(mode: .personal, reason: "'--personal' was given")
        case nil: break
        }
        // Whoever chooses places has a runner of their own in mind, as before there were others.
        for name in ["PHJOB_SOCKET", "PHJOB_STATE", "PHJOB_CONFIG"] where environment[name]?.isEmpty == false {
            return RunnerChoice(mode: .personal, reason: "\(name) is set")
        }
        if machine.hasSystemSocket() {
            return RunnerChoice(mode: .system, reason: "this machine has one for everybody, at \(Paths.systemSocket)")
        }
        // Such as after a boot, as long as its service has not been started.
        if machine.hasSystemCatalogue(), !machine.hasOwnCatalogue() {
            return RunnerChoice(
                mode: .system,
                reason: "this machine is set up for everybody, by \(Paths.systemCatalogue), and you have no catalogue")
        }
        return RunnerChoice(
            mode: .personal, reason: "this machine has none for everybody, at \(Paths.systemSocket)")
    }
}
