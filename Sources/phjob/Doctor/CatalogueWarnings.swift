import Glibc
import PhjobCore
import PhjobSystem

/// What a valid catalogue names that this machine does not have.
enum CatalogueWarnings {
    /// - Parameters:
    ///   - isUser: whether there is a user of that name.
    ///   - isUnixGroup: whether there is a Unix group of that name.
    ///   - isDirectory: whether there is a directory at a path.
    static func texts(
        _ catalogue: Catalogue, isUser: (String) -> Bool = { getpwnam($0) != nil },
        isUnixGroup: (String) -> Bool = { Self.isUnixGroup($0) },
        isDirectory: (String) -> Bool = { Self.isDirectory($0) }
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
            if let volume = group.volume, !isDirectory(volume) {
                texts.append("\(name): its volume \(volume) is no directory; its jobs are refused")
            }
        }
        for dataset in catalogue.datasets where !isDirectory(dataset.path) {
            texts.append(
                "dataset '\(dataset.name)': \(dataset.path) is no directory; jobs that would see it are refused")
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

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
