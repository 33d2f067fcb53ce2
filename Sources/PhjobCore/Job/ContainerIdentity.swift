/// Which container is a job's, in the engine's words and the kernel's.
package struct ContainerIdentity: Sendable, Equatable, Codable {
    /// The engine's id, in hexadecimal.
    package var id: String
    /// The container's first process, as the host counts; nil where the host cannot see it.
    package var process: ProcessIdentity?
    /// The boot during which it was started.
    package var bootID: String

    package init(id: String, process: ProcessIdentity?, bootID: String) {
        self.id = id
        self.process = process
        self.bootID = bootID
    }

    /// A process told apart from a later one of the same number (proc(5): `stat`, field 22).
    package struct ProcessIdentity: Sendable, Hashable, Codable {
        package var pid: Int32
        /// Clock ticks between the boot and the process's start.
        package var startTicks: UInt64

        package init(pid: Int32, startTicks: UInt64) {
            self.pid = pid
            self.startTicks = startTicks
        }
    }
}
