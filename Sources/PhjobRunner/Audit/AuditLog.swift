import FoundationEssentials
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
        /// Refusals of this user that were not written down, because they were too many.
        var leftOut: Int?
    }

    /// Refusals of one user that are written down in a minute: who guesses ids all day shall not fill the disk.
    static let refusalsPerMinute = 60

    private struct Refusals {
        var rate: SubmissionRate
        var leftOut = 0
    }

    private struct State {
        var refusals: [UInt32: Refusals] = [:]
        var tally = AuditTally()
        /// Whether somebody will see to what was counted.
        var isScheduled = false
    }

    private let path: String
    private let log: EventLog
    private let loop: EventLoop?
    private let period: Double
    private let state = Mutex(State())

    /// - Parameters:
    ///   - loop: has what was counted written when its time is over. Without one it is written with the next entry after that, or
    ///     by ``finish()``.
    ///   - period: seconds until then.
    init(path: String, log: EventLog, loop: EventLoop? = nil, period: Double = Double(AuditTally.period)) {
        self.path = path
        self.log = log
        self.loop = loop
        self.period = period
    }

    /// Appends an entry, or counts it. That it cannot be written is an error for the log, and keeps nobody from what they may do.
    func append(_ entry: Entry) {
        // Written under the lock: a line that was torn is seen by whoever writes the next one.
        let isToBeScheduled = state.withLock { state in
            if entry.answer == "ok" {
                for line in state.tally.take(entry) { write(line) }
            } else if let line = Self.counted(entry, &state.refusals) {
                write(line)
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
            for line in state.tally.finish() { write(line) }
        }
    }

    private func write(_ entry: Entry) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = (try? encoder.encode(entry)).map { Array($0) } ?? Array("\(entry)".utf8)
        do throws(SystemError) {
            let file = try Descriptor(opening: path, flags: O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, mode: 0o600)
            // One write(2), so that lines of several programs never mix.
            try file.write((Self.isTorn(file) ? [Self.newline] : []) + text + [Self.newline])
        } catch {
            log.error("audit-not-written", ["why": "\(error)", "entry": String(decoding: text, as: UTF8.self)])
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
