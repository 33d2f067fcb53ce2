import Glibc
import PhjobCore
import PhjobSystem
import Synchronization

/// Who did what to which job, and the answer: one JSON object a line, only ever appended.
///
/// The file is opened anew for every line, so that it may be renamed at any time, as logrotate(8) does.
final class AuditLog: Sendable {
    /// One line.
    struct Entry: Encodable, Equatable {
        var time: Timestamp
        var uid: UInt32
        var user: String
        /// Of the process that asked, when it connected; it may be another's by now.
        var pid: Int32
        var action: String
        /// The job that it was done to, or was to be; as it was asked for if there is none of it.
        var job: String?
        /// What was asked beyond that.
        var detail: String?
        /// `ok`, or the code of the refusal.
        var answer: String
        var message: String?
        /// How many requests of the last minute the line stands for, the newest of which it shows; nil for this one alone.
        var count: Int?
        /// Entries of this user that were not written down, because they were too many: refusals of a minute, or all beyond a
        /// day's bound.
        var leftOut: Int?

        /// The last entry of a kind of a user's that is written today, in the place of `entry`.
        static func limitReached(by entry: Entry) -> Entry {
            let kind = entry.answer == "ok" ? "entries" : "refusals"
            return Entry(
                time: entry.time, uid: entry.uid, user: entry.user, pid: entry.pid, action: "audit-limit",
                answer: entry.answer,
                message: "further \(kind) of this user are only counted until the day (UTC) is over")
        }

        /// How many entries of a user were left out on the day that ended.
        static func leftOut(_ rest: AuditBudget.Uncounted, at time: Timestamp) -> Entry {
            Entry(
                time: time, uid: rest.uid, user: rest.user, pid: 0, action: "audit-limit", answer: "ok",
                leftOut: rest.count)
        }
    }

    /// Refusals of one user that are written down in a minute: who guesses ids all day shall not fill the disk.
    static let refusalsPerMinute = 60

    /// Unicode scalars that are kept of each text of an entry while it is only counted.
    private static let longestText = 1000

    private struct Refusals {
        var rate: SubmissionRate
        var leftOut = 0
    }

    private struct State {
        var refusals: [UInt32: Refusals] = [:]
        var tally = AuditTally()
        var budget: AuditBudget
        /// Whether somebody will see to what was counted.
        var isScheduled = false
    }

    private let path: String
    private let log: EventLog
    private let loop: EventLoop?
    private let period: Double
    private let state: Mutex<State>

    /// - Parameters:
    ///   - loop: has what was counted written when its time is over. Without one it is written with the next entry after that, or
    ///     by ``finish()``.
    ///   - period: seconds until then.
    ///   - budget: how many bytes each user may fill in a day.
    init(
        path: String, log: EventLog, loop: EventLoop? = nil, period: Double = Double(AuditTally.period),
        budget: AuditBudget = AuditBudget()
    ) {
        state = Mutex(State(budget: budget))
        self.path = path
        self.log = log
        self.loop = loop
        self.period = period
    }

    /// Appends an entry, or counts it. That it cannot be written is an error for the log, and keeps nobody from what they may do.
    func append(_ entry: Entry) {
        let entry = AuditLine.shortened(entry, to: Self.longestText)
        // Written under the lock, so that a line that was torn is seen before the next one is written.
        let isToBeScheduled = state.withLock { state in
            if entry.answer == "ok" {
                for line in state.tally.take(entry) { write(line, &state.budget) }
            } else if let line = Self.counted(entry, &state.refusals) {
                write(line, &state.budget)
            }
            defer { state.isScheduled = state.isScheduled || state.tally.isOwing }
            return state.tally.isOwing && !state.isScheduled
        }
        guard isToBeScheduled, let loop else { return }
        loop.schedule(at: Monotonic.now.adding(seconds: period)) { [self] in
            WorkerThread.start("audit") { [self] in finish() }
        }
    }

    /// Writes what has only been counted so far.
    func finish() {
        state.withLock { state in
            state.isScheduled = false
            for line in state.tally.finish() { write(line, &state.budget) }
        }
    }

    /// As ``finish()``, at the runner's end: also writes how many entries of today were left out.
    func end() {
        finish()
        state.withLock { state in
            for rest in state.budget.finish() { write(AuditLine.bytes(of: .leftOut(rest, at: Supervisor.now))) }
        }
    }

    /// Writes an entry if its user has room for it today.
    private func write(_ entry: Entry, _ budget: inout AuditBudget) {
        for rest in budget.beginDay(of: entry.time) { write(AuditLine.bytes(of: .leftOut(rest, at: entry.time))) }
        let line = AuditLine.bytes(of: entry)
        let isRefusal = entry.answer != "ok"
        switch budget.take(uid: entry.uid, user: entry.user, isRefusal: isRefusal, bytes: line.count) {
        case .write: write(line)
        case .announce:
            write(AuditLine.bytes(of: .limitReached(by: entry)))
            log.warning(
                "audit-limit-reached",
                ["uid": "\(entry.uid)", "user": entry.user, "of": isRefusal ? "refusals" : "what was done"])
        case .count: break
        }
    }

    /// - Parameter line: with its line feed.
    private func write(_ line: [UInt8]) {
        do throws(SystemError) {
            let file = try Descriptor(opening: path, flags: O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, mode: 0o600)
            // One write(2), so that lines of several programs never mix.
            try file.write((Self.isTorn(file) ? [Self.newline] : []) + line)
        } catch {
            let text = String(decoding: line.dropLast(), as: UTF8.self)
            log.error("audit-not-written", ["why": "\(error)", "entry": text])
        }
    }

    private static let newline = UInt8(ascii: "\n")

    /// Whether the last line has no end, as after a disk that was full.
    private static func isTorn(_ file: Descriptor) -> Bool {
        var last = newline
        let size = lseek(file.number, 0, SEEK_END)
        return size > 0 && pread(file.number, &last, 1, size - 1) == 1 && last != newline
    }

    /// The entry with what was left out before it; nil if it is to be left out itself.
    private static func counted(_ entry: Entry, _ refusals: inout [UInt32: Refusals]) -> Entry? {
        if refusals.count > 1000 {
            refusals = refusals.filter {
                $1.leftOut > 0 || !$1.rate.isFull(at: entry.time, perMinute: refusalsPerMinute)
            }
        }
        var ofUser = refusals[entry.uid] ?? Refusals(rate: SubmissionRate(at: entry.time))
        defer { refusals[entry.uid] = ofUser }
        if ofUser.rate.take(at: entry.time, perMinute: refusalsPerMinute) != nil {
            ofUser.leftOut += 1
            return nil
        }
        var entry = entry
        entry.leftOut = ofUser.leftOut == 0 ? nil : ofUser.leftOut
        ofUser.leftOut = 0
        return entry
    }
}
