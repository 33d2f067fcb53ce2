/// What the node gives to jobs.
package struct NodeCapacity: Sendable, Equatable {
    /// In all, whoever has it now.
    package var amount: ResourceAmount
    /// The GPUs that may be given out now, those that jobs hold among them.
    package var gpus: [GPU]
    /// Why others may not, such as `1 busy outside phjob (pid 4242, ana)`; nil if all may.
    package var gpuProblem: String?

    package init(amount: ResourceAmount, gpus: [GPU], gpuProblem: String? = nil) {
        self.amount = amount
        self.gpus = gpus
        self.gpuProblem = gpuProblem
    }
}
