import Glibc
import PhjobSystem
import Synchronization

/// The ways to be a nuisance.
enum Attack: String, Sendable {
    /// Many requests of which a byte comes each second.
    case drip
    /// As many connections as there are to be had, and always new ones for those that are refused.
    case hoard
    /// Requests that break off in the middle, by the thousand.
    case vanish
    /// Clients that close their half, and never read.
    case halfOpen = "half-open"
    /// JSON that costs more than it is worth.
    case bombs
    /// A hundred megabytes, announced or not, with small chunks or large.
    case bodies
    /// A log that is asked for and not read.
    case mute
    /// Lists and waits that make the server search.
    case searches

    func begin(_ target: Target, width: Int) {
        switch self {
        case .drip: Self.thread { Self.drip(target, width) }
        case .hoard: Self.thread { Self.hoard(target, width) }
        case .vanish: Self.everyThread(width, rounds: 200) { _ in Self.vanish(target) }
        case .halfOpen, .mute: Self.thread { Self.hold(target, width, closesHalf: self == .halfOpen) }
        case .bombs:
            Self.everyThread(width, rounds: 3) { target.ask(Target.request("POST", "/v1/jobs", body: Bombs.body($0))) }
        case .bodies: Self.everyThread(width, rounds: 1) { Self.sendBody(target, isChunked: $0 % 2 == 0) }
        case .searches: Self.everyThread(width, rounds: 5) { target.ask(Target.request("GET", Bombs.search($0))) }
        }
    }

    private static func thread(_ body: @escaping @Sendable () -> Void) { WorkerThread.start("attack", body) }

    /// Does the same in many threads for ever; the attack is in full swing once each has done it some times.
    private static func everyThread(_ count: Int, rounds: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let left = Mutex(count)
        for number in 0..<count {
            thread {
                var round = 0
                while true {
                    body(number + round)
                    round += 1
                    guard round == rounds else { continue }
                    let isLast = left.withLock { left in
                        left -= 1
                        return left == 0
                    }
                    if isLast { PhjobAttacker.report() }
                }
            }
        }
    }

    private static func drip(_ target: Target, _ width: Int) {
        let text = Array("GET /v1/jobs HTTP/1.1\r\nX-Slow: \(String(repeating: "a", count: 10_000))".utf8)
        var connections = (0..<width).map { _ in (connection: target.connect(), sent: 0) }
        var isReported = false
        while true {
            for index in connections.indices {
                if Target.isOver(connections[index].connection) { connections[index] = (target.connect(), 0) }
                var byte = text[connections[index].sent % text.count]
                _ = write(connections[index].connection.number, &byte, 1)
                connections[index].sent += 1
            }
            if !isReported { PhjobAttacker.report() }
            isReported = true
            sleep(1)
        }
    }

    private static func hoard(_ target: Target, _ width: Int) {
        var connections: [Descriptor] = []
        var attempts = 0
        while true {
            connections.removeAll { Target.isOver($0) }
            while connections.count < width {
                connections.append(target.connect())
                attempts += 1
                if attempts == 2 * width { PhjobAttacker.report() }
            }
            usleep(1000)
        }
    }

    private static func vanish(_ target: Target) {
        let connection = target.connect()
        try? connection.write(Array("POST /v1/jobs HTTP/1.1\r\nContent-Length: 1000\r\n\r\n{\"command\":".utf8))
    }

    private static func hold(_ target: Target, _ width: Int, closesHalf: Bool) {
        var connections: [Descriptor] = []
        var isReported = false
        while true {
            connections.removeAll { hasLeft($0) }
            while connections.count < width {
                let connection = target.connect()
                try? connection.write(Array("GET \(target.path) HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
                if closesHalf { shutdown(connection.number, Int32(SHUT_WR)) }
                connections.append(connection)
            }
            if !isReported { PhjobAttacker.report() }
            isReported = true
            usleep(50_000)
        }
    }

    /// Whether the server has closed a connection of which nothing is read.
    private static func hasLeft(_ connection: Descriptor) -> Bool {
        // POLLRDHUP of poll(2), which Glibc shows only with _GNU_SOURCE.
        var entry = pollfd(fd: connection.number, events: 0x2000, revents: 0)
        return poll(&entry, 1, 0) > 0
    }

    private static func sendBody(_ target: Target, isChunked: Bool) {
        let connection = target.connect()
        let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: 104857600"
        try? connection.write(Array("POST /v1/jobs HTTP/1.1\r\n\(framing)\r\n\r\n".utf8))
        let piece = isChunked ? Bombs.chunks : [UInt8](repeating: 0x20, count: 1 << 20)
        for _ in 0..<100 where (try? connection.write(piece)) == nil { return }
    }
}
