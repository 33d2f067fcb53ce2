/// The engines that phjob drives.
package enum EngineName: String, Sendable, Codable, CaseIterable {
    case podman
    case docker
}
