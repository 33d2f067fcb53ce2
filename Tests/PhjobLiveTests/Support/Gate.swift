/// Lets only so many tests use the machine at a time, in the order in which they came.
actor Gate {
    static let engines = Gate(width: 4)

    private let width: Int
    private var used = 0
    private var waiting: [(weight: Int, continuation: CheckedContinuation<Void, Never>)] = []

    init(width: Int) {
        self.width = width
    }

    /// Waits for room.
    ///
    /// - Parameter weight: how much of the machine is wanted, of 1 to 4.
    func enter(weight: Int) async {
        if waiting.isEmpty, used + weight <= width {
            used += weight
            return
        }
        await withCheckedContinuation { waiting.append((weight, $0)) }
    }

    func leave(weight: Int) {
        used -= weight
        while let next = waiting.first, used + next.weight <= width {
            used += next.weight
            waiting.removeFirst()
            next.continuation.resume()
        }
    }
}
