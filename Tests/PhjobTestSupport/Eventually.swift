import Glibc
import PhjobSystem

/// What was waited for did not come about.
package struct DeadlinePassed: Error, CustomStringConvertible {
    package let description: String
}

/// Waits until `condition` holds, looking every few milliseconds.
///
/// - Throws: ``DeadlinePassed``, with the place of the call, if it does not hold within `seconds`.
package func eventually(
    within seconds: Double = patience, _ what: String = "the condition holds", file: StaticString = #fileID,
    line: UInt = #line,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = Monotonic.now.adding(seconds: seconds)
    while try await !condition() {
        guard Monotonic.now < deadline else {
            throw DeadlinePassed(description: "\(file):\(line): not within \(seconds) s: \(what)")
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// The same on a thread that may block.
package func blockUntil(
    within seconds: Double = patience, _ what: String = "the condition holds", file: StaticString = #fileID,
    line: UInt = #line,
    _ condition: () throws -> Bool
) throws {
    let deadline = Monotonic.now.adding(seconds: seconds)
    while try !condition() {
        guard Monotonic.now < deadline else {
            throw DeadlinePassed(description: "\(file):\(line): not within \(seconds) s: \(what)")
        }
        usleep(5000)
    }
}
