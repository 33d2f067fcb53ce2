import Glibc
import PhjobAPI
import PhjobCore
import PhjobSystem

/// One person's dealings with one job, on a thread of its own: submits it, and perhaps reads its log or cancels it.
///
/// It goes on through any number of runners until it has its answers.
struct JobClient: Sendable {
    let plan: JobPlan
    let api: APIClient
    let ledger: Ledger
    /// Becomes readable when the first job of the round is on its way.
    let sent: Wakeup

    /// Seconds until a runner that is away is asked again.
    private static let patience = 0.01

    func start() {
        ledger.countClients(1)
        WorkerThread.start("client") {
            defer { ledger.countClients(-1) }
            Self.sleep(plan.submitDelay)
            guard let id = submit() else { return ledger.lose(plan) }
            ledger.acknowledge(plan, id)
            if let delay = plan.cancelDelay {
                Self.sleep(delay)
                cancel(id)
            } else if plan.isFollowed {
                follow(id)
            }
        }
    }

    /// - Returns: nil if the answer was lost, and must not be asked for again.
    private func submit() -> JobID? {
        ledger.send(plan)
        while true {
            do {
                sent.signal()
                return try api.submit(plan.submission).id
            } catch is APIClient.NotRunning {
                // Nobody has heard it.
            } catch let error as PhjobError where error.code == .unavailable {
                guard plan.hasKey else { return nil }
            } catch {
                ledger.report(Violation("\(plan.name) was refused: \(error)"))
                return nil
            }
            Self.sleep(Self.patience)
        }
    }

    private func cancel(_ id: JobID) {
        while true {
            do {
                ledger.cancel(plan, .sent)
                _ = try api.cancel(id.text)
                return ledger.cancel(plan, .accepted)
            } catch is APIClient.NotRunning {
            } catch let error as PhjobError where error.code == .unavailable {
            } catch let error as PhjobError where error.code == .conflict {
                // It has ended: by itself, or by a cancellation whose answer was lost.
                return
            } catch {
                return ledger.report(Violation(id, "its cancellation was refused: \(error)"))
            }
            Self.sleep(Self.patience)
        }
    }

    /// Reads the log as it comes, until the job or the runner ends.
    private func follow(_ id: JobID) {
        var options = LogOptions()
        options.follow = true
        var bytes: [UInt8] = []
        do {
            _ = try api.log(id.text, options) { bytes += $0 }
        } catch is APIClient.NotRunning {
        } catch let error as PhjobError where error.code == .unavailable {
        } catch {
            ledger.report(Violation(id, "its log was not shown: \(error)"))
        }
        let text = String(decoding: bytes, as: UTF8.self)
        for problem in LogCheck(plan: plan).problems(in: text, .part) {
            ledger.report(Violation(id, "to somebody who followed it: \(problem)"))
        }
    }

    private static func sleep(_ seconds: Double) { usleep(UInt32(seconds * 1e6)) }
}
