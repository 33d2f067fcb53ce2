import Glibc
import PhjobSystem

/// Ctrl-C and its kin as something to wait for, while a command waits for a job.
struct Interrupts: Sendable {
    /// Readable when a signal has arrived; nil if none can.
    let descriptor: Int32?
    /// The next signal that has arrived.
    let next: @Sendable () -> Int32?

    static let none = Interrupts(descriptor: nil, next: { nil })

    /// SIGINT, SIGTERM and SIGHUP of this process from here on, except those that it was told to ignore, as by nohup(1).
    static func watching() throws -> Interrupts {
        let signals = try Signals([SIGINT, SIGTERM, SIGHUP].filter { !isIgnored($0) })
        return Interrupts(descriptor: signals.descriptor.number, next: { signals.next() })
    }

    private static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(signal, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// The exit status that tells of an end by `signal`.
    static func exitStatus(_ signal: Int32) -> Int32 { 128 + signal }
}
