import Glibc
import Synchronization

/// One thread that sleeps until a descriptor is readable, a time has come, or it is woken; it never wakes for nothing.
///
/// Handlers run on the thread that called ``run()``, one after another. All methods may be called from any thread.
package final class EventLoop: Sendable {
    /// Names a registration, to take it back.
    package struct Token: Sendable, Hashable {
        fileprivate let number: UInt64
    }

    private struct Watch {
        let descriptor: Descriptor
        let isOnce: Bool
        let handler: @Sendable () -> Void
    }

    private struct Timer {
        let time: Monotonic
        let handler: @Sendable () -> Void
    }

    private struct State {
        var nextNumber: UInt64 = 1
        var watches: [Token: Watch] = [:]
        var timers: [Token: Timer] = [:]
        var isStopped = false

        mutating func makeToken() -> Token {
            defer { nextNumber += 1 }
            return Token(number: nextNumber)
        }
    }

    private let state = Mutex(State())
    private let wakeup: Wakeup

    package init() throws(SystemError) {
        wakeup = try Wakeup()
    }

    /// Calls `handler` each time `descriptor` is readable, until ``cancel(_:)``. Keeps the descriptor open until then.
    package func whenReadable(_ descriptor: Descriptor, _ handler: @escaping @Sendable () -> Void) -> Token {
        watch(descriptor, isOnce: false, handler)
    }

    /// Calls `handler` once, as soon as `descriptor` is readable, unless ``cancel(_:)`` comes first. Keeps the descriptor open until then.
    package func onceReadable(_ descriptor: Descriptor, _ handler: @escaping @Sendable () -> Void) -> Token {
        watch(descriptor, isOnce: true, handler)
    }

    private func watch(
        _ descriptor: Descriptor, isOnce: Bool, _ handler: @escaping @Sendable () -> Void
    ) -> Token {
        register { state, token in
            state.watches[token] = Watch(descriptor: descriptor, isOnce: isOnce, handler: handler)
        }
    }

    /// Calls `handler` once, at `time` or soon after.
    @discardableResult
    package func schedule(at time: Monotonic, _ handler: @escaping @Sendable () -> Void) -> Token {
        register { state, token in state.timers[token] = Timer(time: time, handler: handler) }
    }

    /// Takes a registration back; a handler that runs at this moment is not waited for.
    package func cancel(_ token: Token) {
        state.withLock { state in
            state.watches[token] = nil
            state.timers[token] = nil
        }
        wakeup.signal()
    }

    /// Makes ``run()`` return.
    package func stop() {
        state.withLock { $0.isStopped = true }
        wakeup.signal()
    }

    /// Serves until ``stop()``.
    package func run() throws(SystemError) {
        while true {
            let round = state.withLock { state -> (watches: [(Token, Watch)], due: [Token], next: Monotonic?)? in
                if state.isStopped { return nil }
                let now = Monotonic.now
                let due = state.timers.filter { $0.value.time <= now }
                    .sorted { ($0.value.time, $0.key.number) < ($1.value.time, $1.key.number) }
                let next = state.timers.values.map(\.time).min()
                return (state.watches.map { ($0.key, $0.value) }, due.map(\.key), next)
            }
            guard let (watches, due, next) = round else { return }
            if !due.isEmpty {
                for token in due {
                    // An earlier handler of this round may have taken it back.
                    state.withLock { $0.timers.removeValue(forKey: token) }?.handler()
                }
                continue
            }
            let ready = try Poll.readable([wakeup.descriptor.number] + watches.map(\.1.descriptor.number), until: next)
            if ready[0] { wakeup.drain() }
            for (index, (token, watch)) in watches.enumerated() where ready[index + 1] {
                // An earlier handler of this round may have taken it back.
                let isWanted = state.withLock { state in
                    let isThere = state.watches[token] != nil
                    if watch.isOnce { state.watches[token] = nil }
                    return isThere
                }
                if isWanted { watch.handler() }
            }
        }
    }

    private func register(_ add: (inout State, Token) -> Void) -> Token {
        let token = state.withLock { state in
            let token = state.makeToken()
            add(&state, token)
            return token
        }
        wakeup.signal()
        return token
    }
}
