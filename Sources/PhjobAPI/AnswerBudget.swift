package import PhjobCore

/// How much of what people wrote an answer about many jobs may carry: a small request must not make a huge answer.
package struct AnswerBudget: Sendable {
    /// Bytes of scripts and variables. In JSON a control character takes six times as many.
    package static let bytes = 4 << 20
    private var used = 0
    private var isEmpty = true

    package init() {}

    /// Counts a job in if there is room for it. For the first there always is.
    package mutating func take(_ spec: JobSpec) -> Bool {
        let size = spec.submittedSize
        guard isEmpty || used + size <= Self.bytes else { return false }
        isEmpty = false
        used += size
        return true
    }
}
