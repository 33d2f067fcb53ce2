import Glibc

/// A system call that failed: what was tried, on what, and the kernel's reason.
package struct SystemError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was tried, as a verb phrase: `cannot open /a/b`.
    package let action: String
    /// errno(3).
    package let number: Int32

    package init(_ action: String, number: Int32 = errno) {
        self.action = action
        self.number = number
    }

    /// Whether there was no room on the disk, or for this user on it.
    package var isOutOfSpace: Bool { number == ENOSPC || number == EDQUOT }

    package var description: String { "\(action): \(String(cString: strerror(number)).lowercasedFirst)" }
}

extension String {
    /// strerror(3) begins with a capital; our messages do not.
    fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}

/// Calls `body` until it is not interrupted by a signal.
///
/// - Returns: what the call returned, which is not negative.
/// - Throws: ``SystemError`` with `action` if the call failed otherwise.
@discardableResult
package func retrying<Result: SignedInteger>(
    _ action: @autoclosure () -> String, _ body: () -> Result
) throws(SystemError) -> Result {
    while true {
        let result = body()
        if result >= 0 { return result }
        let number = errno
        if number != EINTR { throw SystemError(action(), number: number) }
    }
}
