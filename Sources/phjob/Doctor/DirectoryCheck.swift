import Glibc
import PhjobCore
import PhjobSystem

/// Looks at directories that the catalogue names; one whose server is away is given up after some seconds.
enum DirectoryCheck {
    private struct Place: Hashable, Sendable {
        let path: String
        let mode: Int32
        let mustBeMounted: Bool
    }

    private static let looks = BoundedCalls<Place, String?>(limit: 5) { problem(at: $0) }

    /// What keeps a directory from being used; `nil` if nothing does.
    ///
    /// - Parameters:
    ///   - mode: the rights that this process needs (access(2)).
    ///   - mustBeMounted: whether it must be a mount point.
    static func problem(at path: String, mode: Int32 = F_OK, mustBeMounted: Bool = false) -> String? {
        let place = Place(path: path, mode: mode, mustBeMounted: mustBeMounted)
        return looks.answers([place])[0] ?? "\(TerminalText.escaped(path)) does not answer"
    }

    /// Whether a look at a path comes to an end, whatever it finds.
    static func answers(_ path: String) -> Bool {
        looks.answers([Place(path: path, mode: F_OK, mustBeMounted: false)])[0] != nil
    }

    private static func problem(at place: Place) -> String? {
        let path = TerminalText.escaped(place.path)
        var status = stat()
        guard stat(place.path, &status) == 0 else {
            let number = errno
            let advice = HostDirectory.advice(number).map { " (\($0))" } ?? ""
            return "\(path): \(String(cString: strerror(number)).lowercased())\(advice)"
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return "\(path) is not a directory" }
        if place.mustBeMounted, let real = try? Directory.resolved(place.path), let mounts = try? MountTable(),
            !mounts.isMountPoint(real)
        {
            return "\(path) is not mounted"
        }
        guard access(place.path, place.mode) == 0 else {
            return "\(path): \(String(cString: strerror(errno)).lowercased())"
        }
        return nil
    }

    /// The file systems that are mounted below what jobs get, which they get too; a sentence for each volume and
    /// dataset that has some.
    static func mountedBelow(_ catalogue: Catalogue) -> [String] {
        guard let mounts = try? MountTable() else { return [] }
        let volumes = catalogue.groups.compactMap { group in
            group.volume.map { ("the volume of group '\(group.name)'", $0, "writable") }
        }
        let datasets = catalogue.datasets.map {
            ("the dataset '\($0.name)'", $0.path, $0.writable ? "writable" : "read-only")
        }
        return (volumes + datasets).compactMap { name, path, access in
            guard problem(at: path) == nil, let real = try? Directory.resolved(path) else { return nil }
            let points = mounts.points(below: real)
            guard !points.isEmpty else { return nil }
            let shown = points.prefix(5).map { TerminalText.escaped($0) }.joined(separator: ", ")
            let rest = points.count > 5 ? " and \(points.count - 5) more" : ""
            return "jobs also see what is mounted below \(name), \(access) as it is: \(shown)\(rest)"
        }
    }
}
