import Foundation
import Glibc
import PhjobSystem

/// A client that means harm, for tests: `PhjobAttacker <uid> <socket> <attack> <width> [path]`. Prints a line once the attack is in full
/// swing, and goes on until it is ended. Its victim is there too: `PhjobAttacker <uid> <socket> ask <method> <path> <body>` prints what
/// another user gets for one ordinary request.
@main
enum PhjobAttacker {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count >= 5, let uid = uid_t(arguments[1]) else { exit(64) }
        signal(SIGPIPE, SIG_IGN)
        var limit = rlimit()
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        getrlimit(files, &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(files, &limit)
        // Only now: the program may lie where that user cannot read it.
        guard setgroups(0, nil) == 0, setgid(uid) == 0, setuid(uid) == 0 else { exit(77) }
        if arguments[3] == "ask", arguments.count == 7 {
            let target = Target(socket: arguments[2], path: arguments[5])
            let answer = target.ask(Target.request(arguments[4], target.path, body: Array(arguments[6].utf8)))
            FileHandle.standardOutput.write(Data(answer))
            exit(0)
        }
        guard let attack = Attack(rawValue: arguments[3]), let width = Int(arguments[4]) else { exit(64) }
        attack.begin(Target(socket: arguments[2], path: arguments.count > 5 ? arguments[5] : "/v1/jobs"), width: width)
        while true { pause() }
    }

    /// Says that the attack is in full swing.
    static func report() { FileHandle.standardOutput.write(Data("attacking\n".utf8)) }
}
