/// Which phjob this is.
enum Version {
    /// As `major.minor.patch` (semver.org).
    static let number = "0.1.0"
    /// What `phjob --version` prints.
    static let text = "phjob \(number)"
}
