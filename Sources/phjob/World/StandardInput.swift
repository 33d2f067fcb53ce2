import Glibc
import PhjobCore
import PhjobSystem

/// Standard input: a script or JSON, and answers to questions.
struct StandardInput: Sendable {
    var isTerminal: Bool
    /// Reads to the end, or throws `SystemError` with `EFBIG` if there are more than `limit` bytes.
    var readAll: @Sendable (_ limit: Int) throws -> [UInt8]
    /// The next line without its end; nil at the end of the input.
    var readLine: @Sendable () -> String?

    /// This process's own.
    static let process = StandardInput(
        isTerminal: isatty(STDIN_FILENO) == 1,
        readAll: { limit in
            var status = stat()
            // A process that was started without an input has nothing to say; that is no failure.
            guard fstat(STDIN_FILENO, &status) == 0 else { return [] }
            let copy = try retrying("cannot read standard input") { fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) }
            return try Descriptor(owning: copy).readAll(limit: limit)
        },
        readLine: { Swift.readLine() })
}
