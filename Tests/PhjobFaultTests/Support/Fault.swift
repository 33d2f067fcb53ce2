/// What goes wrong at one of the runner's calls that change the state directory; see `Fixtures/fault.c`.
enum Fault: String, Sendable, CaseIterable {
    /// The runner is killed in place of the call.
    case kill
    /// Half of a write is done, and the runner killed.
    case torn
    /// Half of a write is done, and said to be all that was.
    case short
    case eio
    case enospc
    /// From the call on, fsync(2) does nothing.
    case lazy

    /// Those that happen at one call.
    static let single: [Fault] = [.kill, .torn, .short, .eio, .enospc]

    var kills: Bool { self == .kill || self == .torn }
    /// Whether the call fails, so that something may be refused.
    var fails: Bool { self == .eio || self == .enospc }

    /// What a runner gets that is to suffer it.
    ///
    /// - Parameters:
    ///   - number: at which call; 0 for none.
    ///   - root: the directory whose changes count.
    ///   - log: a file for the calls that count, one a line: number, name, path.
    ///   - only: the one call that counts, and what it is made on below `root`, as a pattern of glob(7); nil for all.
    func environment(
        at number: Int, root: String, log: String, only: (call: String, path: String)? = nil
    ) throws -> [String: String] {
        var environment = [
            "LD_PRELOAD": try FaultLibrary.path.get(), "FAULT_DO": rawValue, "FAULT_AT": "\(number)",
            "FAULT_ROOT": root, "FAULT_LOG": log,
        ]
        if let only { (environment["FAULT_CALL"], environment["FAULT_PATH"]) = (only.call, only.path) }
        return environment
    }
}
