/// Why the engine did not do what it was asked.
package enum EngineError: Error, Sendable, Equatable, CustomStringConvertible {
    /// There is no such program.
    case notInstalled(String)
    /// It did not answer, or its daemon did not. Nothing can be concluded about any container.
    case unreachable(String)
    /// It has no room for what it was asked to do; its own words. It may succeed later.
    case outOfSpace(String)
    /// It answered, and refused; its own words.
    case refused(String)
    /// It answered something that cannot be understood.
    case garbled(String)
    /// It answers for other containers, and has one that it cannot describe: that container's fault, not the engine's.
    case damaged(container: String, words: String)

    /// Whether an engine's words say that one of its disks is full, or has no inode left: no fault of a job's.
    ///
    /// Go's words for `ENOSPC`, which also tells of inodes, and `EDQUOT` (errno(3)); runtimes and registries' clients
    /// pass them on.
    package static func isForWantOfSpace(_ words: String) -> Bool {
        ["no space left on device", "disk quota exceeded"].contains { words.contains($0) }
    }

    package var description: String {
        switch self {
        case .notInstalled(let text): "no container engine was found: \(text)"
        case .unreachable(let text): "the container engine does not answer: \(text)"
        case .outOfSpace(let text): "a disk of the container engine is full: \(text)"
        case .refused(let text): text
        case .damaged(let container, let text): "the engine cannot describe the container \(container): \(text)"
        case .garbled(let text): "the container engine gave an answer that cannot be understood: \(text)"
        }
    }
}
