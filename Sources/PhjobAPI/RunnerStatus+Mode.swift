extension RunnerStatus {
    /// Whether it serves everybody on its machine, not its owner alone.
    package var isForEverybody: Bool { mode == "system" }
}
