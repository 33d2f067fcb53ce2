import CPhjobLinux
import PhjobSystem

/// A process that becomes the parent of what its descendants leave behind (prctl(2), `PR_SET_CHILD_SUBREAPER`).
///
/// So it can wait for them: not every machine's first process does.
package enum Subreaper {
    /// Makes this process one.
    package static func begin() throws {
        guard phjob_become_subreaper() == 0 else { throw SystemError("cannot become a subreaper") }
    }
}
