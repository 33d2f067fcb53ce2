import Glibc
import PhjobSystem

/// A program that is run to its end and timed from outside. Nothing is read while it runs.
struct Tool {
    var executable: String
    var environment: [String: String]

    /// Runs it.
    ///
    /// - Parameters:
    ///   - output: the file that takes what it prints; errors go where ours go.
    ///   - statuses: the exit statuses that are no failure.
    func run(_ arguments: [String], output: String = "/dev/null", statuses: Set<Int32> = [0]) throws {
        let pid = try start(arguments, output: output)
        try check(Self.wait(for: pid).status, arguments, statuses)
    }

    /// The same, and the seconds that it took.
    func time(_ arguments: [String], output: String = "/dev/null") throws -> Double {
        try Clock.time { try run(arguments, output: output) }
    }

    /// What it prints, without the end of the last line.
    func text(_ arguments: [String], in directory: String) throws -> String {
        let file = "\(directory)/output"
        unlink(file)
        try run(arguments, output: file)
        let bytes = try Descriptor(opening: file, flags: O_RDONLY).readAll(limit: 64 << 20)
        return String(decoding: bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...], as: UTF8.self)
    }

    /// Runs it many times, `width` of them at once, as `xargs -P` does.
    func run(_ arguments: [String], times count: Int, atOnce width: Int) throws {
        var running: Set<pid_t> = []
        var left = count
        while left > 0 || !running.isEmpty {
            if left > 0, running.count < width {
                running.insert(try start(arguments, output: "/dev/null"))
                left -= 1
            } else {
                let (pid, status) = Self.wait(for: -1)
                if running.remove(pid) != nil { try check(status, arguments) }
            }
        }
    }

    private func check(_ status: Int32, _ arguments: [String], _ good: Set<Int32> = [0]) throws {
        let exit = status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
        guard good.contains(exit) else {
            throw Problem("\(ProcessCommand(executable, arguments)) ended with status \(exit)")
        }
    }

    private static func wait(for pid: pid_t) -> (pid: pid_t, status: Int32) {
        while true {
            var status: Int32 = 0
            let found = waitpid(pid, &status, 0)
            if found > 0 || errno != EINTR { return (found, found > 0 ? status : -1) }
        }
    }

    private func start(_ arguments: [String], output: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        let words = ([executable] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (words + variables).forEach { free($0) } }
        var pid: pid_t = 0
        let result = posix_spawn(&pid, executable, &actions, nil, words, variables)
        guard result == 0 else { throw SystemError("cannot start \(executable)", number: result) }
        return pid
    }
}
