import PhjobCore
import PhjobEngine
import PhjobSystem

/// What is known of this node's GPUs, and how lately they were looked at.
struct GPUInventory: Sendable {
    /// Whether `nvidia-smi` is there to be asked. Where it is not, GPUs are only counted, and given out by their index.
    let isWatched: Bool
    /// How many GPUs jobs may have in all, whoever has them now.
    private(set) var count: Int
    private(set) var survey: GPUSurvey
    /// Whether `nvidia-smi` has said how many there are.
    private(set) var isCounted: Bool
    /// How many GPUs the catalogue says that jobs may have; nil for all.
    private let limit: Int?
    /// Seconds for which a look is good.
    private let lifetime: Double
    private var look: (time: Monotonic, held: [GPU])?

    /// - Parameters:
    ///   - catalogue: says how many GPUs jobs may have, if not all.
    ///   - hasTool: whether `nvidia-smi` is installed.
    ///   - lifetime: seconds for which a look at the GPUs is good.
    ///   - earlier: what was known by the catalogue before this one.
    init(_ catalogue: Catalogue, hasTool: Bool, lifetime: Double, earlier: GPUInventory? = nil) {
        limit = catalogue.node.gpus
        isWatched = hasTool && limit != 0
        isCounted = !isWatched
        self.lifetime = lifetime
        let present = limit ?? Machine.gpus
        if isWatched {
            // Until it has answered nobody's job is refused for what it may well find.
            let largest = catalogue.instanceTypes.map(\.gpuLimit).max() ?? 0
            count = limit ?? max(present, largest)
            survey = GPUSurvey(devices: [])
            if let earlier, earlier.isWatched, earlier.isCounted, earlier.limit == limit {
                (count, isCounted) = (earlier.count, true)
            }
        } else {
            count = present
            survey = GPUSurvey(devices: (0..<present).map { GPUSurvey.Device(gpu: GPU(index: $0)) })
        }
    }

    /// Takes over what was seen.
    ///
    /// One that is lost may come back, while the runner runs or before it was started; jobs that need it wait for it. So there are as
    /// many as were ever seen, as the catalogue says, or as a job was accepted for.
    ///
    /// - Parameters:
    ///   - held: the GPUs that jobs held.
    ///   - accepted: the most GPUs that a job needs which waits.
    mutating func take(
        _ result: Result<GPUSurvey, NvidiaSMI.Failure>, at time: Monotonic, held: [GPU], accepted: Int
    ) {
        look = (time, held)
        switch result {
        case .success(let found):
            count = max(found.devices.count, isCounted ? count : limit ?? accepted)
            isCounted = true
            survey = found
        case .failure(let failure):
            survey = survey.failing(because: failure.description)
        }
    }

    /// Whether nobody has looked at them yet.
    var isUnseen: Bool { isWatched && look == nil }

    /// Whether the last look is good enough to give out GPUs by it.
    ///
    /// - Parameter held: the GPUs that jobs hold now. Of one that was held then it is not known who else was on it.
    func isCurrent(at time: Monotonic, held: [GPU]) -> Bool {
        guard isWatched else { return true }
        guard let look, time < look.time.adding(seconds: lifetime) else { return false }
        return look.held.allSatisfy { then in held.contains { $0.isSameDevice(as: then) } }
    }

    /// The GPUs that may be given out, those that jobs hold among them.
    func offered(besides held: [GPU]) -> [GPU] {
        let free = survey.usable.filter { gpu in !held.contains { $0.isSameDevice(as: gpu) } }
        return free + held
    }

    /// The GPUs that another look could find to be free, those that jobs hold among them.
    func imaginable(besides held: [GPU]) -> [GPU] {
        var all = survey.devices.map(\.gpu)
        let next = (all.map(\.index).max() ?? -1) + 1
        for index in 0..<max(0, count - all.count) { all.append(GPU(index: next + index)) }
        return all.filter { gpu in !held.contains { $0.isSameDevice(as: gpu) } } + held
    }

    /// Why GPUs that no job holds cannot be given out; nil if all of them can.
    func obstacle(besides held: [GPU]) -> String? {
        guard isWatched else { return nil }
        guard !isUnseen else { return "the GPUs are being looked at" }
        let lost = count - survey.devices.count
        let words = survey.problem == nil && lost > 0 ? "\(lost) not found by nvidia-smi" : nil
        let parts = [survey.obstacle(besides: held), words].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    /// The first GPUs, to show what a job that gets some would be given.
    func examples(_ number: Int) -> [GPU] {
        let known = survey.devices.prefix(number).map(\.gpu)
        return known.count == number ? known : (0..<number).map { GPU(index: $0) }
    }
}
