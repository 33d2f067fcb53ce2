import Dispatch
import Foundation
import Glibc
import PhjobSystem
import PhjobTestSupport
import Synchronization

/// Runs the workers, and reports what they found and what ended them.
struct Crew {
    private let options: FuzzOptions
    /// Bytes that a worker may grow by between a third of the inputs and all of them.
    static let growthLimit = 48 << 20
    /// The fewest inputs of which each layer must have accepted and refused some: fewer prove nothing.
    private static let meaningful = 10_000

    init(_ options: FuzzOptions) {
        self.options = options
    }

    /// - Returns: the exit status.
    func run() -> Int32 {
        let begin = Monotonic.now
        let workers = min(Machine.processors, max(1, options.inputs / 1000))
        PhjobFuzz.say(
            "fuzz: seed \(options.seed), \(options.inputs) inputs, \(options.chosen.count) layers, \(workers) workers")
        do {
            let directory = try TemporaryDirectory()
            let places = (0..<workers).map {
                WorkerPlace(index: $0, count: workers, progress: directory("worker-\($0)"))
            }
            let all = try runAll(places)
            return judge(all.flatMap(\.findings), crashes: all.compactMap(\.crash), begin)
        } catch {
            PhjobFuzz.say("fuzz: error: \(error)")
            return 1
        }
    }

    private func runAll(_ places: [WorkerPlace]) throws -> [Report] {
        let results = Mutex<[Result<Report, any Error>]>([])
        let ended = DispatchSemaphore(value: 0)
        for place in places {
            WorkerThread.start("worker") {
                let result = Result { try run(place) }
                results.withLock { $0.append(result) }
                ended.signal()
            }
        }
        for _ in places { ended.wait() }
        return try results.withLock { try $0.map { try $0.get() } }
    }

    private struct Report {
        var findings: [Finding]
        /// What ended the worker before its time, in words.
        var crash: String?
    }

    private func run(_ place: WorkerPlace) throws -> Report {
        let executable = "/proc/self/exe"
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink(executable, &buffer, buffer.count)
        let path = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let arguments = options.arguments + ["--worker", place.text]
        // Swift says on stderr what it stopped for.
        let command = ProcessCommand(path, arguments, environment: ["SWIFT_BACKTRACE": "enable=no"])
        let result = try ChildProcess(command, timeout: nil, captureLimit: 4 << 20).run()
        var report = Report(findings: Finding.all(in: result.output.bytes))
        if case .signalled(let signal) = result.status {
            let bytes = try Descriptor(opening: place.progress, flags: O_RDONLY).readAll(limit: 8)
            let number = bytes.withUnsafeBytes { $0.count == 8 ? Int($0.loadUnaligned(as: Int64.self)) : -1 }
            var random = Randomness(seed: options.seed, input: number)
            let layer = options.chosen[options.layer(&random)].name
            let words =
                signal == SIGPROF
                ? "takes more than \(Worker.processorSeconds) s of processor time"
                : "ends the process by signal \(signal): \(result.errors.text.suffix(500))"
            report.crash = "input \(number) (\(layer)) \(words)\n  again: \(again(number))"
        } else if case .exited(let code) = result.status, code > 1 {
            report.crash = "a worker ended with \(code): \(result.errors.text.suffix(500))"
        }
        return report
    }

    private func again(_ number: Int) -> String {
        let layers = options.layers.map { " --layer \($0)" }.joined()
        return "scripts/fuzz --seed \(options.seed)\(layers) --only \(number)"
    }

    private func judge(_ findings: [Finding], crashes: [String], _ begin: Monotonic) -> Int32 {
        var faults = crashes
        var counts: [String: (accepted: Int, refused: Int)] = [:]
        for finding in findings {
            switch finding {
            case .violation(let number, let layer, let message):
                faults.append("input \(number) (\(layer)): \(message)\n  again: \(again(number))")
            case .count(let layer, let accepted, let refused):
                counts[layer, default: (0, 0)].accepted += accepted
                counts[layer, default: (0, 0)].refused += refused
            case .growth(let bytes) where bytes > Self.growthLimit:
                faults.append("a worker grew by \(bytes >> 20) MiB while it took two thirds of its inputs")
            case .growth: break
            }
        }
        var total = 0
        for (layer, count) in counts.sorted(by: { $0.key < $1.key }) {
            print("\(layer): \(count.accepted) accepted, \(count.refused) refused")
            let sum = count.accepted + count.refused
            total += sum
            if sum * counts.count >= Self.meaningful, count.accepted == 0 || count.refused == 0 {
                faults.append("\(layer): all inputs fared alike, so they show nothing")
            }
        }
        for fault in faults { PhjobFuzz.say("fuzz: error: \(fault)") }
        let seconds = Int(Monotonic.now.seconds(since: begin).rounded())
        PhjobFuzz.say("fuzz: \(total) inputs in \(seconds) s, \(faults.isEmpty ? "no" : "\(faults.count)") findings")
        return faults.isEmpty ? 0 : 1
    }
}
