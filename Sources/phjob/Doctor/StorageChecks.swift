import Glibc
import PhjobCore
import PhjobSystem

/// Looks at the directories that jobs get, and at the room on disks.
enum StorageChecks {
    private static let lowSpace: Int64 = 5 << 30
    private static let noSpace: Int64 = 1 << 30

    /// The volumes of the groups that somebody belongs to.
    static func volumes(_ catalogue: Catalogue, _ caller: Caller) -> [Finding] {
        catalogue.groups(of: caller).compactMap { group in
            guard let path = group.volume else { return nil }
            let problem = DirectoryCheck.problem(
                at: path, mode: R_OK | W_OK | X_OK, mustBeMounted: group.mustBeMounted)
            if let problem {
                return .failed(
                    "volume", "the volume of group '\(group.name)' cannot be used: \(problem)",
                    advice: "make the directory and give it to you, or name another in the catalogue")
            }
            return .ok("volume", "\(path) can be written")
        }
    }

    static func datasets(_ catalogue: Catalogue) -> [Finding] {
        catalogue.datasets.compactMap { dataset in
            let found = DirectoryCheck.problem(
                at: dataset.path, mode: R_OK | X_OK, mustBeMounted: dataset.mustBeMounted)
            guard let problem = found else { return nil }
            return .failed(
                "dataset", "the dataset '\(dataset.name)' cannot be used: \(problem)",
                advice: "jobs of its groups are refused, or wait for it; correct its path in the catalogue")
        }
    }

    static func mountedBelow(_ catalogue: Catalogue) -> [Finding] {
        DirectoryCheck.mountedBelow(catalogue).map { .ok("mounts", $0) }
    }

    /// - Parameter path: a directory, or one that will be made below the nearest that exists.
    static func space(_ what: String, at path: String) -> Finding {
        var existing = path
        while access(existing, F_OK) != 0, let slash = existing.lastIndex(of: "/"), slash != existing.startIndex {
            existing = String(existing[..<slash])
        }
        do {
            let (free, total) = try Directory.space(at: existing)
            let words = "\(MemorySize(bytes: free)) of \(MemorySize(bytes: total)) free for \(what) (\(path))"
            if free < noSpace {
                return .failed("disk", words, advice: "make room; jobs wait, and logs lose lines, on a full disk")
            }
            if free < lowSpace { return .warning("disk", words, advice: "make room before it is full") }
            return .ok("disk", words)
        } catch {
            return .warning("disk", "\(error)", advice: "see that the directory can be reached")
        }
    }
}
