import Glibc
import PhjobCore
import PhjobSystem

/// What a valid catalogue names that this machine does not have.
enum CatalogueWarnings {
    /// - Parameters:
    ///   - isUser: whether there is a user of that name.
    ///   - isUnixGroup: whether there is a Unix group of that name.
    ///   - problem: what keeps a directory from being used that must, or need not, be a mount point.
    static func texts(
        _ catalogue: Catalogue, isUser: (String) -> Bool = { getpwnam($0) != nil },
        isUnixGroup: (String) -> Bool = { Self.isUnixGroup($0) },
        problem: (String, Bool) -> String? = { DirectoryCheck.problem(at: $0, mustBeMounted: $1) }
    ) -> [String] {
        var texts: [String] = []
        for group in catalogue.groups {
            let name = "group '\(group.name)'"
            if let unixGroup = group.unixGroup, !isUnixGroup(unixGroup) {
                texts.append(
                    "\(name): there is no Unix group '\(unixGroup)' on this machine, so nobody belongs to it by that")
            }
            for user in group.users where !isUser(user) {
                texts.append("\(name): there is no user '\(user)' on this machine")
            }
            if group.users.isEmpty, group.unixGroup == nil { texts.append("\(name) has neither users nor a unixGroup") }
            if let problem = group.volume.flatMap({ problem($0, group.mustBeMounted) }) {
                texts.append("\(name): its volume cannot be used: \(problem); its jobs are refused, or wait for it")
            }
        }
        for dataset in catalogue.datasets {
            guard let problem = problem(dataset.path, dataset.mustBeMounted) else { continue }
            texts.append(
                "dataset '\(dataset.name)' cannot be used: \(problem); jobs that would see it are refused, or wait")
        }
        return texts
    }

    /// Also if nobody can tell.
    private static func isUnixGroup(_ name: String) -> Bool {
        do throws(AccountLookupError) {
            return try UnixGroup.id(named: name) != nil
        } catch {
            return true
        }
    }
}
