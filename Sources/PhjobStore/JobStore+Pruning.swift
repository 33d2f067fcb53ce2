import Glibc
package import PhjobCore
import PhjobSystem

extension JobStore {
    /// Removes all that is kept of jobs. When this returns, no power cut brings them back.
    ///
    /// - Returns: those that are gone, and why one of the others is not.
    package func removeJobs(_ ids: [JobID]) -> (removed: [JobID], failure: (any Error)?) {
        var removed: [JobID] = []
        var failure: (any Error)?
        for id in ids {
            // Under another name first: what is only half removed is never taken for a job.
            let name = Self.gonePrefix + id.text
            if renameat(jobs.number, id.text, jobs.number, name) == 0 || errno == ENOENT {
                removed.append(id)
            } else {
                failure = failure ?? SystemError("cannot remove \(id)")
            }
        }
        do {
            try jobs.synchronize()
        } catch {
            failure = failure ?? error
        }
        // What cannot be removed now is removed at the next start.
        for id in removed { try? TreeRemoval.remove(Self.gonePrefix + id.text, in: jobs) }
        return (removed, failure)
    }

    /// The bytes on disk of what is kept of a job.
    package func size(of id: JobID) -> Int64 {
        (try? TreeSize.measure(id.text, in: jobs)) ?? 0
    }
}
