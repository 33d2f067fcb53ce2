import PhjobCore

/// Counts what one user does again and again, so that nobody fills the disk by it.
///
/// What somebody does to a job for the first time in a minute, and what differs from what they did to it before, is a line at
/// once. The same again only counts, and so does all that is too much; the count is a line when the minute is over. Lines are
/// bounded by the jobs that there are, whatever order they are asked for in.
struct AuditTally {
    /// How long repeats are counted, in seconds.
    static let period: Int64 = 60
    /// Lines in a period that are written at once of what one user does to one job in one way.
    static let linesAtOnce = 10

    private struct Key: Hashable {
        let uid: UInt32
        let action: String
        let job: String?
        let answer: String
    }

    private struct Row {
        var last: AuditLog.Entry
        var lines = 1
        /// Entries that are in no line yet; ``last`` is one of them.
        var count = 0

        /// The line of what was counted, if something was.
        mutating func takeCount() -> [AuditLog.Entry] {
            guard count > 0 else { return [] }
            defer { count = 0 }
            var entry = last
            entry.count = count
            return [entry]
        }
    }

    private var rows: [Key: Row] = [:]
    private var begin: Timestamp?

    /// Whether something was counted that is in no line yet.
    private(set) var isOwing = false

    /// Takes an entry.
    ///
    /// - Returns: the lines to be written now, in their order.
    mutating func take(_ entry: AuditLog.Entry) -> [AuditLog.Entry] {
        var lines: [AuditLog.Entry] = []
        // A clock that was set back begins a new period too.
        if begin.map({ !(0..<Double(Self.period)).contains(entry.time.seconds(since: $0)) }) ?? true {
            lines = finish()
            begin = entry.time
        }
        let key = Key(uid: entry.uid, action: entry.action, job: entry.job, answer: entry.answer)
        guard var row = rows[key] else {
            rows[key] = Row(last: entry)
            return lines + [entry]
        }
        if entry.detail != row.last.detail, row.lines < Self.linesAtOnce {
            lines += row.takeCount() + [entry]
            row.lines += 1
        } else {
            row.count += 1
            isOwing = true
        }
        row.last = entry
        rows[key] = row
        return lines
    }

    /// Ends the period.
    ///
    /// - Returns: the lines of what was counted, in the order of their times.
    mutating func finish() -> [AuditLog.Entry] {
        defer { (rows, begin, isOwing) = ([:], nil, false) }
        guard isOwing else { return [] }
        return rows.values.flatMap { row in
            var row = row
            return row.takeCount()
        }.sorted { $0.time < $1.time }
    }
}
