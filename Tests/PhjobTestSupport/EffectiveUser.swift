import CPhjobLinux
import PhjobSystem

/// The rights that a thread acts with.
package enum EffectiveUser {
    /// Runs `body` with another effective uid, on this thread alone. Needs root.
    package static func with<Value>(_ uid: UInt32, _ body: () throws -> Value) throws -> Value {
        guard phjob_set_thread_euid(uid) == 0 else { throw SystemError("cannot become uid \(uid)") }
        defer { precondition(phjob_set_thread_euid(0) == 0, "root's rights are lost") }
        return try body()
    }
}
