import CPhjobLinux
import Foundation
import Synchronization

/// Runs programs through Foundation's `Process`, and learns of their end from the kernel.
///
/// Foundation sees a child's end by a socket that the child inherits and passes on to every daemon that it leaves
/// behind, so its own report may come hours late (swift-corelibs-foundation issue 4795). Here the end is seen by a
/// pidfd, and read by waitid(2) with `WNOWAIT`, which leaves the reaping to Foundation.
package struct ChildProcess: Sendable {
    package var command: ProcessCommand
    /// Seconds until the program is stopped; nil if it may run as long as it likes.
    package var timeout: Double?
    /// Bytes of output, and of errors, that are kept.
    package var captureLimit: Int
    package var teardown: [TeardownStep]
    /// The program's standard input; none if `nil`.
    package var input: Descriptor?

    package init(
        _ command: ProcessCommand, timeout: Double?, captureLimit: Int = 1 << 20,
        teardown: [TeardownStep] = TeardownStep.prompt
    ) {
        self.command = command
        self.timeout = timeout
        self.captureLimit = captureLimit
        self.teardown = teardown
    }

    /// Where the program's output goes, chunk by chunk, in place of being kept.
    package typealias OutputHandler = (UnsafeRawBufferPointer) throws -> Void

    /// Runs the program to its end on this thread, in a process group of its own.
    ///
    /// Output is read until the program itself has ended, not until every holder of the pipe has.
    ///
    /// - Parameters:
    ///   - abandon: when it becomes readable, the program is stopped.
    ///   - mergingErrors: whether errors join the output, in the order in which both were printed.
    ///   - onOutput: takes the output in place of the result; an error thrown there stops the program and is passed on.
    /// - Throws: ``ProcessError``, or what `onOutput` threw.
    package func run(
        abandon: Descriptor? = nil, mergingErrors: Bool = false, onOutput: OutputHandler? = nil
    ) throws -> ProcessResult {
        if let bad = ([command.executable] + command.arguments).first(where: { $0.utf8.contains(0) }) {
            // Foundation would silently cut the argument there.
            throw ProcessError.cannotStart(
                executable: command.executable, why: "an argument has a NUL byte: \(bad.prefix(40))")
        }
        if let bad = command.environment.first(where: { ($0.key + $0.value).utf8.contains(0) }) {
            throw ProcessError.cannotStart(
                executable: command.executable, why: "the environment variable \(bad.key.prefix(40)) has a NUL byte")
        }
        let output = try Pipe()
        let errors = mergingErrors ? nil : try Pipe()
        let process = Process()
        let started = command.bounds?.applied(to: command) ?? command
        process.executableURL = URL(fileURLWithPath: started.executable)
        process.arguments = started.arguments
        process.environment = command.environment
        process.standardInput =
            input.map { FileHandle(fileDescriptor: $0.number, closeOnDealloc: false) } ?? FileHandle.nullDevice
        process.standardOutput = FileHandle(fileDescriptor: output.writeEnd.number, closeOnDealloc: false)
        process.standardError = FileHandle(fileDescriptor: (errors ?? output).writeEnd.number, closeOnDealloc: false)
        let reaped = Reaped()
        process.terminationHandler = { _ in reaped.signal() }
        do {
            try Self.withoutBlockedSignals { try process.run() }
        } catch {
            throw ProcessError.cannotStart(executable: command.executable, why: Self.reason(error))
        }
        output.closeWriteEnd()
        errors?.closeWriteEnd()
        return try follow(process, reaped, output: output, errors: errors, abandon: abandon, onOutput: onOutput)
    }

    /// Waits until this process has no child left.
    package static func waitForAll(until deadline: Monotonic) {
        var information = siginfo_t()
        while .now < deadline, waitid(P_ALL, 0, &information, WEXITED | WNOHANG | WNOWAIT) == 0 || errno == EINTR {
            usleep(10_000)
        }
    }

    private func follow(
        _ process: Process, _ reaped: Reaped, output: Pipe, errors: Pipe?, abandon: Descriptor?,
        onOutput: OutputHandler?
    ) throws -> ProcessResult {
        let pid = process.processIdentifier
        let number = phjob_pidfd_open(pid)
        guard number >= 0 || errno == ESRCH else { throw SystemError("cannot watch \(command.executable)") }
        // Without a pidfd the child has ended and been reaped already.
        let exit = number >= 0 ? Descriptor(owning: number) : nil
        var captures = [Stream(output, limit: captureLimit), errors.map { Stream($0, limit: captureLimit) }].compactMap(
            \.self)
        var stopping = Stopping(pid: pid, steps: teardown, deadline: timeout.map { Monotonic.now.adding(seconds: $0) })
        while exit != nil {
            var watched = [exit?.number ?? -1, stopping.isStopping ? -1 : abandon?.number ?? -1]
            watched += captures.map { $0.isOpen ? $0.pipe.readEnd.number : -1 }
            let ready = try Poll.readable(watched, until: stopping.deadline)
            for index in captures.indices where ready[index + 2] {
                do {
                    try captures[index].read(index == 0 ? onOutput : nil)
                } catch {
                    stopping.begin(because: error)
                }
            }
            if ready[0] { break }
            if ready[1] { stopping.begin(because: ProcessError.abandoned(executable: command.executable)) }
            if let deadline = stopping.deadline, deadline <= .now {
                let error = ProcessError.timedOut(executable: command.executable, seconds: timeout ?? 0)
                if try !stopping.advance(because: error) { throw stopping.cause ?? error }
            }
        }
        let status = Self.status(of: pid, process, reaped)
        for index in captures.indices {
            do {
                try captures[index].drain(index == 0 ? onOutput : nil)
            } catch {
                stopping.cause = stopping.cause ?? error
            }
        }
        if let cause = stopping.cause { throw cause }
        return ProcessResult(
            status: status, output: captures[0].capture,
            errors: captures.count > 1 ? captures[1].capture : ProcessResult.Capture())
    }

    private static func status(of pid: pid_t, _ process: Process, _ reaped: Reaped) -> ProcessResult.Status {
        var information = siginfo_t()
        var result: Int32
        repeat {
            result = waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT)
        } while result != 0 && errno == EINTR
        if result == 0 {
            let code = information._sifields._sigchld.si_status
            return information.si_code == Int32(CLD_EXITED) ? .exited(code) : .signalled(code)
        }
        // Foundation was faster and has reaped it; then its own report is due at once.
        reaped.wait()
        return process.terminationReason == .exit
            ? .exited(process.terminationStatus) : .signalled(process.terminationStatus)
    }

    /// Foundation passes this thread's signal mask on, and threads of Dispatch block SIGTERM: nothing could stop the
    /// program.
    private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
        var none = sigset_t()
        var before = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    private static func reason(_ error: any Error) -> String {
        let error = error as NSError
        let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
        if cause.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(cause.code))).lowercased() }
        if error.domain == NSCocoaErrorDomain, error.code == CocoaError.fileNoSuchFile.rawValue {
            return "no such program"
        }
        return error.localizedDescription
    }

    /// That Foundation has reaped the child.
    private final class Reaped: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)

        func signal() { semaphore.signal() }
        func wait() { semaphore.wait() }
    }
}
