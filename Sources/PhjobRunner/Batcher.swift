import Dispatch
import Synchronization

/// Joins calls that come while one is under way into the next one: many jobs that end together cost few engine calls.
///
/// There is no thread of its own: whoever is the first to wait makes the call for all who wait, and then hands on to the next.
final class Batcher<Input: Sendable, Output: Sendable>: Sendable {
    private struct Ticket: Sendable {
        let input: Input
        let turn = Turn()
    }

    /// What one caller waits for.
    private final class Turn: Sendable {
        /// Nil when it is this caller's turn to make the call.
        private let output = Mutex<Output?>(nil)
        private let hasCome = DispatchSemaphore(value: 0)

        func come(with result: Output?) {
            output.withLock { $0 = result }
            hasCome.signal()
        }

        func wait() -> Output? {
            hasCome.wait()
            return output.withLock(\.self)
        }
    }

    private struct State {
        var waiting: [Ticket] = []
        var isBusy = false
        /// Ends the waiting for others when there are enough of them.
        var isFull: DispatchSemaphore?
        var isHurried = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let patience: Double
    private let work: @Sendable ([Input]) -> [Output]

    /// - Parameters:
    ///   - limit: the most inputs of one call.
    ///   - patience: seconds for which a call waits for others to join it, unless it is full before.
    ///   - work: gives an output for each input, in their order.
    init(limit: Int, patience: Double = 0, work: @escaping @Sendable ([Input]) -> [Output]) {
        self.limit = limit
        self.patience = patience
        self.work = work
    }

    /// How many wait for the next call.
    var waitingCount: Int { state.withLock(\.waiting.count) }

    /// The output for one input; blocks until it is there.
    func call(_ input: Input) -> Output {
        let ticket = Ticket(input: input)
        let isFirst = state.withLock { state in
            state.waiting.append(ticket)
            if state.waiting.count >= limit { state.isFull?.signal() }
            defer { state.isBusy = true }
            return !state.isBusy
        }
        if !isFirst, let output = ticket.turn.wait() { return output }
        return serve()
    }

    /// From now on no call waits for others to join it.
    func hurry() {
        state.withLock { state in
            state.isHurried = true
            state.isFull?.signal()
        }
    }

    private func waitForOthers() {
        guard patience > 0 else { return }
        let isFull = DispatchSemaphore(value: 0)
        let mustWait = state.withLock { state in
            state.isFull = isFull
            return state.waiting.count < limit && !state.isHurried
        }
        if mustWait { _ = isFull.wait(timeout: .now() + patience) }
        state.withLock { $0.isFull = nil }
    }

    /// Makes a call for all who wait; the caller is the first of them.
    private func serve() -> Output {
        waitForOthers()
        let batch = state.withLock { state in
            defer { state.waiting.removeFirst(min(limit, state.waiting.count)) }
            return Array(state.waiting.prefix(limit))
        }
        let outputs = work(batch.map(\.input))
        precondition(outputs.count == batch.count, "a batch gave \(outputs.count) outputs for \(batch.count) inputs")
        for (ticket, output) in zip(batch, outputs).dropFirst() { ticket.turn.come(with: output) }
        let next = state.withLock { state in
            state.isBusy = !state.waiting.isEmpty
            return state.waiting.first
        }
        next?.turn.come(with: nil)
        return outputs[0]
    }
}
