import PhjobAPI
import PhjobCore

/// Times and lengths of time as tables and forms show them.
enum TimeText {
    /// `2026-11-21T08:09:02Z (3m ago)`.
    static func moment(_ time: Timestamp, now: Timestamp) -> String {
        let second = time.description.prefix { $0 != "." }
        let distance = now.seconds(since: time)
        let relative = distance >= 0 ? "\(short(distance)) ago" : "in \(short(-distance))"
        return "\(second)Z (\(relative))"
    }

    /// How long ago a job was made, in the largest unit.
    static func age(of job: JobView, now: Timestamp) -> String {
        short(max(0, now.seconds(since: job.createTime))).prefix { $0 != " " } + " ago"
    }

    /// How long a job has run; nil if it has not.
    static func duration(of job: JobView, now: Timestamp) -> String? {
        job.startTime.map { TimeSpan(seconds: Int64(max(0, (job.finishTime ?? now).seconds(since: $0)))).clock }
    }

    private static func short(_ seconds: Double) -> String {
        TimeSpan(seconds: Int64(seconds)).short
    }
}
