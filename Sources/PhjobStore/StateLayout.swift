package import PhjobCore

/// Where everything is in a state directory.
package struct StateLayout: Sendable, Equatable {
    package let root: String

    package init(root: String) {
        self.root = root
    }

    package var lock: String { "\(root)/runner.lock" }
    package var runnerLog: String { "\(root)/runner.log" }
    /// Who did what.
    package var audit: String { "\(root)/audit.jsonl" }
    /// A copy of the catalogue that was last in force, where one runner serves everybody.
    package var catalogue: String { "\(root)/\(Self.catalogueName)" }
    package static let catalogueName = "catalogue.json"
    package var jobs: String { "\(root)/jobs" }
    package var quarantine: String { "\(root)/quarantine" }
    /// Room for the results of running jobs on a full disk.
    package var reserve: String { "\(root)/reserve" }
    /// What can be made again at any time.
    package var cache: String { "\(root)/cache" }

    /// What jobs left behind that is still to be removed. Only the runner's user reaches it.
    package var trash: String { "\(root)/trash" }

    package func job(_ id: JobID) -> JobLayout { JobLayout(root: "\(jobs)/\(id)") }
}

/// Where everything of one job is.
package struct JobLayout: Sendable, Equatable {
    package let root: String

    /// The record's name within ``root``.
    package static let recordName = "job.json"
    /// Names within ``root`` of what goes when the job has ended.
    package static let scratchNames = ["home", "tmp", "run", "passwd", "group", "pid", "launch"]
    /// The name within ``root`` of what the job printed.
    package static let logName = "log"
    /// Names within ``root`` of what goes when the log's time is over.
    package static let logNames = [logName, "log.head", "log.before", "log.preparation"]

    package var record: String { "\(root)/\(Self.recordName)" }
    package var home: String { "\(root)/home" }
    /// What the container has at `/tmp`, where the size of what a job writes is bounded.
    package var temporary: String { "\(root)/tmp" }
    package var launcher: String { "\(root)/run" }
    /// The file that the launcher empties when the command begins.
    package var mark: String { "\(launcher)/\(Self.markName)" }
    /// The mark's name within ``launcher``.
    static let markName = "began"
    package var passwd: String { "\(root)/passwd" }
    package var group: String { "\(root)/group" }
    package var pid: String { "\(root)/pid" }
    /// Locked by the engine's client for as long as it is at work on the launch.
    package var launch: String { "\(root)/launch" }
    /// What the job printed.
    package var log: String { "\(root)/\(Self.logName)" }
    /// A second link to the first log file, which keeps it when the engine begins another.
    package var logHead: String { "\(root)/log.head" }
    /// How much the engine has printed into files before ``log``; see ``LogBefore``.
    package var logBefore: String { "\(root)/log.before" }
    /// What there was to say before the container started.
    package var preparationLog: String { "\(root)/log.preparation" }
}
