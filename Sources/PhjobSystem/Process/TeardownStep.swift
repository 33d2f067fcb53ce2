import Glibc

/// One step of stopping a program: a signal to its process group, and the time given to it.
package struct TeardownStep: Sendable, Equatable {
    package let signal: Int32
    /// Seconds until the next step; after the last, the program is left to itself.
    package let grace: Double

    package init(signal: Int32, grace: Double) {
        self.signal = signal
        self.grace = grace
    }

    /// For a program that may be stopped at any time.
    package static let prompt = [TeardownStep(signal: SIGTERM, grace: 5), TeardownStep(signal: SIGKILL, grace: 5)]

    /// For a program that may be at work on what only it can finish: it is asked, never killed.
    package static let polite = [TeardownStep(signal: SIGTERM, grace: 30)]
}
