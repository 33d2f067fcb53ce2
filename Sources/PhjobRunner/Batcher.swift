import Dispatch
import Synchronization

/// Joins calls that come while one is under way into the next one: many jobs that end together cost few engine calls.
///
/// There is no thread of its own: the first caller makes the call for all who wait.
final class Batcher<Input: Sendable, Output: Sendable>: Sendable {
    private struct Ticket: Sendable {
        let input: Input
        let answer: Answer
    }

    private final class Answer: Sendable {
        private let value = Mutex<Output?>(nil)
        private let isThere = DispatchSemaphore(value: 0)

        func set(_ output: Output) {
            value.withLock { $0 = output }
            isThere.signal()
        }

        func wait(_ fallback: () -> Output) -> Output {
            isThere.wait()
            return value.withLock(\.self) ?? fallback()
        }
    }

    private struct State {
        var waiting: [Ticket] = []
        var isBusy = false
    }

    private let state = Mutex(State())
    private let limit: Int
    private let work: @Sendable ([Input]) -> [Output]

    /// - Parameters:
    ///   - limit: the most inputs of one call.
    ///   - work: gives an output for each input, in their order.
    init(limit: Int, work: @escaping @Sendable ([Input]) -> [Output]) {
        self.limit = limit
        self.work = work
    }

    /// The output for one input; blocks until it is there.
    func call(_ input: Input) -> Output {
        let ticket = Ticket(input: input, answer: Answer())
        let isMine = state.withLock { state in
            state.waiting.append(ticket)
            defer { state.isBusy = true }
            return !state.isBusy
        }
        if isMine { serve() }
        return ticket.answer.wait { work([input])[0] }
    }

    private func serve() {
        while true {
            let batch = state.withLock { state -> [Ticket] in
                let batch = Array(state.waiting.prefix(limit))
                state.waiting.removeFirst(batch.count)
                if batch.isEmpty { state.isBusy = false }
                return batch
            }
            if batch.isEmpty { return }
            let outputs = work(batch.map(\.input))
            for (ticket, output) in zip(batch, outputs) { ticket.answer.set(output) }
        }
    }
}
