import PhjobAPI
import PhjobCore

/// Jobs as the rows of `phjob list`.
enum JobRows {
    static func table(_ jobs: [JobView], now: Timestamp) -> Table {
        let columns: [Table.Column] = [
            .init("STATUS"), .init("JOB NAME", cuttableTo: 12), .init("ID"),
            .init("SCHEDULE", cuttableTo: 8, droppable: true),
            .init("USER", cuttableTo: 6, droppable: true), .init("GROUP", cuttableTo: 6, droppable: true),
            .init("TIMING"),
            .init("REASON", cuttableTo: 12),
        ]
        return Table(columns: columns, rows: jobs.map { row($0, now: now) })
    }

    private static func row(_ job: JobView, now: Timestamp) -> [Table.Cell] {
        let timing = TimeText.age(of: job, now: now) + (TimeText.duration(of: job, now: now).map { ", \($0)" } ?? "")
        return [
            .init(job.phase.rawValue, Palette.style(of: job.phase)), .init(job.displayName), .init(job.id.text),
            .init(job.recurrence ?? "-"), .init(job.userName), .init(job.groupName), .init(timing), .init(reason(job)),
        ]
    }

    /// What a waiting job waits for; a word for what is not as it should be.
    private static func reason(_ job: JobView) -> String {
        switch job.phase {
        case .pending, .preparing: job.message
        case .running where job.reason != .started: job.message
        case .running, .succeeded: MemoryKills.words(job.outOfMemoryKills) ?? ""
        case .failed, .cancelled, .unknown: job.reason.rawValue
        }
    }
}
