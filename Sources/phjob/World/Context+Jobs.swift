import PhjobAPI
import PhjobCore

extension Context {
    /// Does something to each of several jobs, and goes on where one is refused.
    ///
    /// - Parameters:
    ///   - failure: what could not be done to those that were refused, such as `cancelled`.
    ///   - change: does it, and returns the job as it is then.
    /// - Returns: the exit status.
    func change(
        _ selectors: [String], json: Bool, failure: String, _ change: (String) throws -> JobView
    ) throws -> Int32 {
        var changed: [JobView] = []
        var failures = 0
        for selector in selectors {
            do {
                let job = try change(selector)
                changed.append(job)
                if !json { try print(job.id.text) }
            } catch let error as PhjobError {
                failures += 1
                report(error)
            }
        }
        if json { try printJSON(changed) }
        if failures > 0, selectors.count > 1 { note("\(failures) of \(selectors.count) jobs could not be \(failure)") }
        return failures == 0 ? 0 : 1
    }
}
