import PhjobAPI
import PhjobCore
import PhjobTestSupport

/// Views of jobs, always the same.
enum SampleView {
    static let waiting = view { $0.message = "waits for 1 GPU; 2 of 2 in use; 3rd in the queue" }

    static let running = view { view in
        view.phase = .running
        view.reason = .started
        view.message = "the job is running"
        view.startTime = TestWorld.now.adding(seconds: -65)
    }

    static let succeeded = ended(.succeeded, .completed, code: 0)

    /// A job that has ended after ten seconds.
    static func ended(
        _ phase: JobPhase, _ reason: JobReason, code: Int32?, number: Int = 0,
        change: (inout JobView) -> Void = { _ in }
    ) -> JobView {
        view(number) { view in
            view.phase = phase
            view.reason = reason
            view.exitCode = code
            view.message = "the command ended with exit code \(code.map { "\($0)" } ?? "none")"
            view.startTime = TestWorld.now.adding(seconds: -20)
            view.finishTime = TestWorld.now.adding(seconds: -10)
            change(&view)
        }
    }

    static func view(_ number: Int = 0, change: (inout JobView) -> Void = { _ in }) -> JobView {
        var view = JobView(SampleJob.job(number), JobView.Circumstances())
        view.displayName = "train"
        view.createTime = TestWorld.now.adding(seconds: -3700)
        change(&view)
        return view
    }
}
