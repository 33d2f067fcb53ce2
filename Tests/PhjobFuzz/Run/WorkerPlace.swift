/// Which of the inputs a worker takes, and where it writes down the number of each.
struct WorkerPlace: Sendable, Equatable {
    /// It takes the inputs whose number is this modulo ``count``.
    let index: Int
    let count: Int
    /// A file that holds the number of the input at work, eight bytes as the processor orders them.
    let progress: String

    init(index: Int, count: Int, progress: String) {
        self.index = index
        self.count = count
        self.progress = progress
    }

    /// Reads ``text``.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 2).map(String.init)
        guard parts.count == 3, let index = Int(parts[0]), let count = Int(parts[1]), count > 0 else { return nil }
        self.init(index: index, count: count, progress: parts[2])
    }

    var text: String { "\(index):\(count):\(progress)" }
}
