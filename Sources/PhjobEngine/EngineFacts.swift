/// What an engine says about itself.
package struct EngineFacts: Sendable, Equatable {
    package var name: EngineName
    package var version: String
    /// Whether it runs without root's rights, in a user namespace of the caller's.
    package var isRootless: Bool
    /// 1 or 2 (cgroups(7)); nil if it does not say.
    package var cgroupVersion: Int?
    /// The limits that it will accept and not keep: some of `cpu`, `memory`, `pids`.
    package var unenforcedLimits: [String]

    package init(name: EngineName, version: String, isRootless: Bool, cgroupVersion: Int?, unenforcedLimits: [String]) {
        self.name = name
        self.version = version
        self.isRootless = isRootless
        self.cgroupVersion = cgroupVersion
        self.unenforcedLimits = unenforcedLimits
    }
}
