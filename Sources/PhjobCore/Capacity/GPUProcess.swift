/// A process on a GPU, with what the kernel knows of it.
package struct GPUProcess: Sendable, Equatable {
    /// A program, by its name.
    package struct Program: Sendable, Equatable {
        /// Without the path.
        package let name: String
        /// Whether root has put it where it is, or started it. Anybody else can call their program as they like.
        package let isRoots: Bool

        package init(name: String, isRoots: Bool) {
            self.name = name
            self.isRoots = isRoots
        }
    }

    /// The GPU's.
    package let uuid: String
    package let pid: Int32
    /// Nil if the host does not show what it runs.
    package let program: Program?
    /// Nil if the host does not show whose it is.
    package let userName: String?
    /// The process itself and those it descends from, nearest first.
    package let lineage: [ContainerIdentity.ProcessIdentity]

    package init(
        _ process: GPUReading.Process, program: Program?, userName: String?,
        lineage: [ContainerIdentity.ProcessIdentity]
    ) {
        uuid = process.uuid
        pid = process.pid
        self.program = program
        self.userName = userName
        self.lineage = lineage
    }

    /// Whether it is one of these programs, and no other that bears its name.
    func isOne(of names: Set<String>) -> Bool { program.map { $0.isRoots && names.contains($0.name) } ?? false }
}
