/// A process on a GPU, with what the kernel knows of it.
package struct GPUProcess: Sendable, Equatable {
    /// The GPU's.
    package let uuid: String
    package let pid: Int32
    /// The program's name, without its path.
    package let name: String
    /// Nil if the host does not show whose it is.
    package let userName: String?
    /// The process itself and those it descends from, nearest first.
    package let lineage: [ContainerIdentity.ProcessIdentity]

    package init(_ process: GPUReading.Process, userName: String?, lineage: [ContainerIdentity.ProcessIdentity]) {
        uuid = process.uuid
        pid = process.pid
        name = Self.programName(process.name)
        self.userName = userName
        self.lineage = lineage
    }

    /// The last part of a path, options after it cut off: `chrome` of `/opt/chrome/chrome --type=gpu-process`.
    static func programName(_ text: String) -> String {
        let program = text.firstRange(of: " -").map { text[..<$0.lowerBound] } ?? text[...]
        return program.split(separator: "/").last.map(String.init) ?? text
    }
}
