import Glibc

/// How far the stopping of a program has got.
struct Stopping {
    private let pid: pid_t
    private var steps: ArraySlice<TeardownStep>
    /// When the next step is due.
    private(set) var deadline: Monotonic?
    /// Why it is being stopped; nil if it is not.
    var cause: (any Error)?

    init(pid: pid_t, steps: [TeardownStep], deadline: Monotonic?) {
        self.pid = pid
        self.steps = steps[...]
        self.deadline = deadline
    }

    var isStopping: Bool { cause != nil }

    /// Takes the first step, unless it has been taken.
    mutating func begin(because cause: any Error) {
        guard !isStopping else { return }
        self.cause = cause
        _ = step()
    }

    /// Takes the next step.
    ///
    /// - Returns: false if there is none left.
    mutating func advance(because cause: any Error) throws -> Bool {
        self.cause = self.cause ?? cause
        return step()
    }

    private mutating func step() -> Bool {
        guard let step = steps.popFirst() else { return false }
        // Foundation gives each child a process group of its own, so this reaches its children too.
        if kill(-pid, step.signal) != 0 { kill(pid, step.signal) }
        deadline = Monotonic.now.adding(seconds: step.grace)
        return true
    }
}
