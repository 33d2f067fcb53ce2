import PhjobAPI
import PhjobArguments
import PhjobCore

/// The exit status of commands that end as a job ends.
enum JobExitStatus {
    static let cancelled: Int32 = 120
    static let limitExceeded: Int32 = 121
    static let neverStarted: Int32 = 122
    static let unknown: Int32 = 123
    static let waitTimedOut: Int32 = 124
    static let phjobFailed: Int32 = 125

    /// What a job's end means for whoever waited for it: the job's own exit code where it has one.
    static func of(_ job: JobView) -> Int32 {
        switch job.phase {
        case .succeeded: return 0
        case .cancelled: return cancelled
        case .unknown, .pending, .preparing, .running: return unknown
        case .failed:
            switch job.reason {
            case .deadlineExceeded, .scratchLimitExceeded: return limitExceeded
            case .imageUnavailable, .containerFailed, .unschedulable, .notPermitted: return neverStarted
            default:
                // A failure must not look like a success, whatever its record says.
                guard let code = job.exitCode, (1...255).contains(code) else { return unknown }
                return code
            }
        }
    }

    /// For `--help` of every such command.
    static let help = """
        Exit status: the job's own exit code (128+n after signal n), or one of phjob's:

          120  the job was cancelled
          121  the job ran past its deadline, or wrote more than it may
          122  the job never started: no image, no container, no right to it, or it can never fit
          123  the job is lost, or what became of it is unknown
          124  the time to wait was over first
          125  phjob itself failed; its words are on stderr
          130  Ctrl-C (143 SIGTERM, 129 SIGHUP): the job goes on, unless it is being cancelled
           64  wrong usage
        """
}

extension Context {
    /// Runs what ends with a job's exit code: phjob's own failures get one of their own there.
    func endingAsJob(_ body: () throws -> Int32) throws -> Int32 {
        do {
            return try body()
        } catch let error as UsageError {
            throw error
        } catch {
            report(error)
            return JobExitStatus.phjobFailed
        }
    }
}
