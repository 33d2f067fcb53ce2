package import PhjobCore

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
    /// The most that a container may be given, which is what the machine has: more is refused, not taken for no limit;
    /// nil if the engine takes any number.
    package var processors: CPUAmount?
    /// The file that the engine replaces whenever an image is added, removed or gets another name; nil if there is none
    /// on this machine.
    package var imageList: String?
    /// The directory in which exit codes of containers are expected, each in a file named by the container's id; nil if
    /// the engine has no monitors that write them.
    package var exitDirectory: String?
    /// The path of the program that stays beside each container; nil if the engine has none.
    package var monitorProgram: String?
    /// Where the engine's daemon notes what it knows of each container; nil if it has none.
    package var recordDirectory: String?
    /// Where it keeps images and containers; nil if it does not say.
    package var storageDirectory: String?
    /// What its client is given before every command.
    package var clientOptions: [String] = []
    /// The seccomp profile that containers get unless another is named; `nil` if it is no file, or there is none.
    package var seccompProfile: String?

    /// What the engine's daemon notes of a container.
    package func daemonRecord(of containerID: String) -> DaemonRecord? {
        recordDirectory.map { DaemonRecord(containers: $0, containerID: containerID) }
    }

    package init(
        name: EngineName, version: String, isRootless: Bool, cgroupVersion: Int?, unenforcedLimits: [String],
        processors: CPUAmount? = nil, imageList: String? = nil, exitDirectory: String? = nil,
        monitorProgram: String? = nil,
        recordDirectory: String? = nil,
        storageDirectory: String? = nil, seccompProfile: String? = nil
    ) {
        self.name = name
        self.version = version
        self.isRootless = isRootless
        self.cgroupVersion = cgroupVersion
        self.unenforcedLimits = unenforcedLimits
        self.processors = processors
        self.imageList = imageList
        self.exitDirectory = exitDirectory
        self.monitorProgram = monitorProgram
        self.recordDirectory = recordDirectory
        self.storageDirectory = storageDirectory
        self.seccompProfile = seccompProfile
    }
}
