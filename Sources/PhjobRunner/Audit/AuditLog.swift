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
        /// Refusals of this user that were not written down, because they were too many.
        var leftOut: Int?
    }

    /// Refusals of one user that are written down in a minute: who guesses ids all day shall not fill the disk.
    static let refusalsPerMinute = 60

    private struct Refusals {
        var rate: SubmissionRate
        var leftOut = 0
    }

    private let path: String
    private let log: EventLog
    private let refusals = Mutex<[UInt32: Refusals]>([:])

    init(path: String, log: EventLog) {
        self.path = path
        self.log = log
    }

    /// Appends an entry. That it cannot be written is an error for the log, and keeps nobody from what they may do.
    func append(_ entry: Entry) {
        guard let entry = counted(entry) else { return }
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let line = Array(try encoder.encode(entry)) + [UInt8(ascii: "\n")]
            let file = try Descriptor(opening: path, flags: O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, mode: 0o600)
            // One write(2), so that lines of several threads never mix.
            try file.write(line)
        } catch {
            log.error("audit-not-written", ["why": "\(error)", "user": entry.user, "action": entry.action])
        }
    }

    /// The entry with what was left out before it; nil if it is to be left out itself.
    private func counted(_ entry: Entry) -> Entry? {
        guard entry.answer != "ok" else { return entry }
        return refusals.withLock { refusals in
            if refusals.count > 1000 {
                refusals = refusals.filter {
                    $1.leftOut > 0 || !$1.rate.isFull(at: entry.time, perMinute: Self.refusalsPerMinute)
                }
            }
            var ofUser = refusals[entry.uid] ?? Refusals(rate: SubmissionRate(at: entry.time))
            defer { refusals[entry.uid] = ofUser }
            if ofUser.rate.take(at: entry.time, perMinute: Self.refusalsPerMinute) != nil {
                ofUser.leftOut += 1
                return nil
            }
            var entry = entry
            entry.leftOut = ofUser.leftOut == 0 ? nil : ofUser.leftOut
            ofUser.leftOut = 0
            return entry
        }
    }
}
