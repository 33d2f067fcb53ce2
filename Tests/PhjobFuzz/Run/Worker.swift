import Foundation
import Glibc
import PhjobSystem

/// Takes its part of the inputs, in a process of its own.
struct Worker {
    private let options: FuzzOptions
    private let place: WorkerPlace
    private let layers: [any FuzzLayer.Type]

    /// Seconds of processor time that one input may take: the kernel ends the process then (setitimer(2), `ITIMER_PROF`).
    static let processorSeconds = 10
    /// Violations after which it is pointless to go on.
    private static let enough = 10

    init(_ options: FuzzOptions, _ place: WorkerPlace) {
        self.options = options
        self.place = place
        layers = options.chosen
    }

    /// - Returns: the exit status: 1 if a property did not hold.
    func run() -> Int32 {
        guard let progress = try? Descriptor(opening: place.progress, flags: O_WRONLY | O_CREAT) else { return 64 }
        let parent = getppid()
        let deadline = options.seconds.map { Monotonic.now.adding(seconds: Double($0)) }
        var counts = layers.map { _ in (accepted: 0, refused: 0) }
        var violations = 0
        var settled: Int?
        for number in stride(from: place.index, to: options.inputs, by: place.count) {
            // Whoever began this may have been interrupted.
            if number % 64 < place.count, getppid() != parent || deadline.map({ $0 < .now }) == true { break }
            var number64 = Int64(number)
            _ = pwrite(progress.number, &number64, 8, 0)
            Self.limitTime()
            let (layer, result) = take(number)
            switch result {
            case .success(true): counts[layer].accepted += 1
            case .success(false): counts[layer].refused += 1
            case .failure(let violation):
                Finding.violation(input: number, layer: layers[layer].name, message: violation.message).print()
                violations += 1
            }
            if violations >= Self.enough { break }
            // Buffers and tables grow to their size with the first inputs.
            if settled == nil, number > options.inputs / 3 { settled = Self.memory() }
        }
        for (layer, count) in zip(layers, counts) {
            Finding.count(layer: layer.name, accepted: count.accepted, refused: count.refused).print()
        }
        if let settled { Finding.growth(Self.memory() - settled).print() }
        return violations == 0 ? 0 : 1
    }

    /// Takes one input and says what came of it.
    func runOne(_ number: Int) -> Int32 {
        Self.limitTime()
        let (layer, result) = take(number)
        let name = layers[layer].name
        switch result {
        case .success(let isAccepted):
            PhjobFuzz.say("fuzz: input \(number) (\(name)) was \(isAccepted ? "accepted" : "refused"), as it should be")
            return 0
        case .failure(let violation):
            PhjobFuzz.say("fuzz: input \(number) (\(name)): \(violation.message)")
            return 1
        }
    }

    private func take(_ number: Int) -> (layer: Int, Result<Bool, Violation>) {
        var random = Randomness(seed: options.seed, input: number)
        let layer = options.layer(&random)
        do throws(Violation) {
            return (layer, .success(try layers[layer].run(&random)))
        } catch {
            return (layer, .failure(error))
        }
    }

    private static func limitTime() {
        var timer = itimerval()
        timer.it_value.tv_sec = processorSeconds
        setitimer(__itimer_which_t(ITIMER_PROF.rawValue), &timer, nil)
    }

    /// Bytes of this process that are in memory.
    private static func memory() -> Int {
        let bytes = (try? Descriptor(opening: "/proc/self/statm", flags: O_RDONLY).readAll(limit: 4096)) ?? []
        let pages = String(decoding: bytes, as: UTF8.self).split(separator: " ").dropFirst().first.flatMap { Int($0) }
        return (pages ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    }
}
