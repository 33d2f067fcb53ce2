import Dispatch
import PhjobAPI
import PhjobCore
import PhjobSystem
import Synchronization

/// Figure 8: many people at once, each of whom submits a job and follows it to its end.
struct CrowdFigure {
    let bench: Bench

    static let clients = 200
    private static let width = 4

    func rows() throws -> [Row] {
        bench.say("\(Self.clients) clients at once")
        let installation = try Installation(bench, name: "crowd", engine: bench.firstEngine(), width: Self.width)
        try installation.start()
        let one = try serve(1, on: installation)
        var rounds = bench.rounds(3, quick: 1, within: 300)
        var crowds: [Crowd] = []
        var lines: [Crowd] = []
        while rounds.next() != nil {
            crowds.append(try serve(Self.clients, on: installation))
            lines.append(try queue(bench.count(40, quick: 20), on: installation))
        }
        try installation.waitUntilClean()
        installation.stop()
        let submissions = crowds.flatMap(\.visits).map(\.submission)
        let whole = crowds.flatMap(\.visits).map(\.whole)
        let alone = one.visits.map(\.whole) + lines.flatMap(\.visits).map(\.whole)
        return [
            Row(
                8, "\(Self.clients) clients at once, a job / one after another", .ratio,
                zip(crowds, lines).map { $0.secondsPerJob / $1.secondsPerJob }, .atMost(1.1),
                detail: "\(Self.text(crowds.map(\.secondsPerJob))) and \(Self.text(lines.map(\.secondsPerJob))) a job"),
            row("  submit, half of them within", submissions, 0.5), row("  95 of 100 within", submissions, 0.95),
            row("  all within", submissions, 1, .atMost(5000)),
            row("  submit and follow to the end, half within", whole, 0.5), row("  all within", whole, 1),
            row("  for one alone", alone, 0.5),
            Row(8, "  runner's memory meanwhile", .megabytes, crowds.map(\.memory), .atMost(80)),
        ]
    }

    private func row(_ name: String, _ seconds: [Double], _ part: Double, _ target: Target? = nil) -> Row {
        let sorted = seconds.sorted()
        let index = min(sorted.count - 1, Int(Double(sorted.count) * part))
        return Row(8, name, .milliseconds, [sorted[index] * 1000], target)
    }

    private static func text(_ seconds: [Double]) -> String {
        Spread(seconds).map { Measure.seconds.text($0.median) } ?? "-"
    }

    /// What one client waited for, in seconds.
    private struct Visit {
        let submission: Double
        /// From its beginning to the last byte of its job's log.
        let whole: Double
    }

    private struct Crowd {
        var visits: [Visit]
        let seconds: Double
        /// The runner's, in MB, once all follow.
        let memory: Double
        var secondsPerJob: Double { seconds / Double(visits.count) }
    }

    /// Lets clients come at once, each over its own connections.
    private func serve(_ count: Int, on installation: Installation) throws -> Crowd {
        let client = APIClient(socketPath: installation.socket)
        let results = Mutex<[Result<Visit, any Error>]>([])
        let (submitted, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let begin = Clock.now
        for _ in 0..<count {
            WorkerThread.start("client") {
                let result = Result { try Self.visit(client) { submitted.signal() } }
                // Whoever failed has not come so far.
                if case .failure = result { submitted.signal() }
                results.withLock { $0.append(result) }
                ended.signal()
            }
        }
        for _ in 0..<count { submitted.wait() }
        let memory = try installation.process.residentMegabytes()
        for _ in 0..<count { ended.wait() }
        let seconds = Clock.now - begin
        return Crowd(visits: try results.withLock { try $0.map { try $0.get() } }, seconds: seconds, memory: memory)
    }

    /// Lets clients come one after another.
    private func queue(_ count: Int, on installation: Installation) throws -> Crowd {
        let client = APIClient(socketPath: installation.socket)
        let begin = Clock.now
        let visits = try (0..<count).map { _ in try Self.visit(client) {} }
        return Crowd(
            visits: visits, seconds: Clock.now - begin, memory: try installation.process.residentMegabytes())
    }

    private static func visit(_ client: APIClient, _ hasSubmitted: () -> Void) throws -> Visit {
        let begin = Clock.now
        let id = try client.submit(JobSubmission(command: "echo hello")).id
        let submission = Clock.now - begin
        hasSubmitted()
        var options = LogOptions()
        options.follow = true
        var log: [UInt8] = []
        _ = try client.log(id.text, options) { log += $0 }
        guard log == Array("hello\n".utf8) else {
            throw Problem("the log of \(id) is '\(String(decoding: log, as: UTF8.self))'")
        }
        return Visit(submission: submission, whole: Clock.now - begin)
    }
}
