import PhjobAPI
import PhjobCore

/// What a list showed of a job once.
struct Sighting: Sendable, Equatable {
    var id: JobID
    var name: String
    var phase: JobPhase
    var reason: JobReason
    var message: String
    var exitCode: Int32?
    var signal: String?
    var createTime: Timestamp
    var startTime: Timestamp?
    var finishTime: Timestamp?
    var log: JobView.Log

    init(_ view: JobView) {
        (id, name, phase, reason, message) = (view.id, view.displayName, view.phase, view.reason, view.message)
        (exitCode, signal, log) = (view.exitCode, view.signal, view.log)
        (createTime, startTime, finishTime) = (view.createTime, view.startTime, view.finishTime)
    }

    /// What never changes once a job has ended.
    var end: String {
        "\(phase.rawValue)/\(reason.rawValue) code=\(exitCode.map { "\($0)" } ?? "none") signal=\(signal ?? "none") "
            + "started=\(startTime.map { "\($0)" } ?? "never") finished=\(finishTime.map { "\($0)" } ?? "never") "
            + message
    }
}
