import PhjobCore
import PhjobHTTP
import PhjobSystem

extension APICall {
    /// Writes down what is about to be answered; once, and before anybody is told.
    ///
    /// - Parameter error: why it was refused; nil if it was done.
    func noteAnswer(_ error: PhjobError?) {
        guard let audit, let action = subject.action else { return }
        subject.action = nil
        audit.append(
            AuditLog.Entry(
                time: Supervisor.now, uid: caller.user.uid, user: caller.user.name,
                pid: (try? UnixSocket.peer(of: exchange.descriptor).pid) ?? 0, action: action, job: subject.job,
                detail: subject.detail, answer: error?.code.rawValue ?? "ok", message: error?.message))
    }
}
