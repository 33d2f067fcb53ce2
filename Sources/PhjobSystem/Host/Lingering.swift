import Glibc

/// Whether what a user leaves running outlives the log-out (loginctl(1), `enable-linger`).
package struct Lingering: Sendable {
    private let systemd: String
    private let records: String

    /// - Parameters:
    ///   - systemd: what is there if systemd runs the machine (sd_booted(3)).
    ///   - records: where logind keeps a file for each user that lingers.
    package init(systemd: String = "/run/systemd/system", records: String = "/var/lib/systemd/linger") {
        self.systemd = systemd
        self.records = records
    }

    /// Nil where no systemd decides.
    package func isOn(for user: String) -> Bool? {
        guard access(systemd, F_OK) == 0 else { return nil }
        return access("\(records)/\(user)", F_OK) == 0
    }
}
