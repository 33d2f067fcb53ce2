package import Glibc
package import PhjobSystem
import Synchronization

/// A program that a test starts, and that is waited for from the first moment, so that it never stays a zombie.
///
/// Swift Testing learns of the ends of its exit tests by waitid(2) for any child, without taking what it finds: a child of a
/// test's that has ended and that nobody waits for hides all others, and every exit test of the run hangs meanwhile.
package final class ReapedProcess: Sendable {
    package let pid: pid_t
    private let word = Mutex<Int32?>(nil)

    /// - Parameter log: the file that its output and errors are appended to.
    package init(_ command: ProcessCommand, log: String) throws {
        pid = try Detached.start(command, log: log)
        WorkerThread.start("reaper") { [self] in
            var word: Int32 = 0
            while waitpid(pid, &word, 0) < 0, errno == EINTR {}
            self.word.withLock { $0 = word }
        }
    }

    /// How it has ended; nil while it runs. 128 and more is a signal.
    package var exitCode: Int32? {
        word.withLock { word in word.map { $0 & 0x7f == 0 ? $0 >> 8 & 0xff : 128 + $0 & 0x7f } }
    }

    package var isRunning: Bool { exitCode == nil }

    /// Sends it a signal, unless it has ended.
    package func signal(_ number: Int32) {
        if isRunning { kill(pid, number) }
    }

    /// Waits for its end.
    ///
    /// - Returns: ``exitCode``.
    /// - Throws: ``DeadlinePassed`` if it does not end within `seconds`.
    @discardableResult
    package func waitForEnd(
        within seconds: Double = patience, _ what: @autoclosure () -> String = "the process has ended"
    )
        throws -> Int32
    {
        try blockUntil(within: seconds, what()) { !isRunning }
        return exitCode ?? -1
    }
}
