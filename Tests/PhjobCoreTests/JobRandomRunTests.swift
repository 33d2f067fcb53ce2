import Testing

@testable import PhjobCore

/// Many jobs, many events in any order: what must hold after every step.
struct JobRandomRunTests {
    private static let capacity = ResourceAmount(
        cpu: CPUAmount(milli: 8000), memory: MemorySize(bytes: 16 << 30), gpus: 3)

    @Test(arguments: UInt64(1)...4)
    func invariantsHold(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var run = Run()
        var wasFull = false
        for step in 0..<2000 {
            let now = Sample.created.adding(seconds: Int64(step))
            switch Int.random(in: 0..<10, using: &random) {
            case 0: run.submit(at: now, using: &random)
            case 1, 2: try run.plan(capacity: Self.capacity, at: now)
            default: try run.sendAnyEvent(at: now, using: &random)
            }
            let held = run.jobs.filter(\.holdsResources)
            let amount = held.reduce(ResourceAmount.zero) { $0 + $1.spec.instanceType.demand }
            try #require(amount.fits(in: Self.capacity), "step \(step) of seed \(seed)")
            let gpus = held.flatMap(\.heldGPUs)
            try #require(Set(gpus).count == gpus.count, "a GPU was given out twice at step \(step) of seed \(seed)")
            try #require(gpus.allSatisfy { 0..<Self.capacity.gpus ~= $0.index })
            wasFull = wasFull || gpus.count == Self.capacity.gpus
        }
        #expect(wasFull, "the run never came near the limit, so it proves nothing")
        #expect(Set(run.jobs.flatMap { $0.history.map(\.phase) }) == Set(JobPhase.allCases))
    }

    /// A queue and its jobs, with the checks that belong to one job's step.
    private struct Run {
        var jobs: [Job] = []
        private var launches: [Int] = []
        private var permissions: [Int] = []

        mutating func submit(at now: Timestamp, using random: inout SeededGenerator) {
            let id = JobID(createdAt: now, using: &random)
            let gpus = Int.random(in: 0...4, using: &random)
            let spec = Sample.spec {
                $0.instanceType.cpuLimit = CPUAmount(milli: Int64.random(in: 1...4000, using: &random))
                $0.instanceType.memoryLimit = MemorySize(bytes: Int64.random(in: 1...(8 << 30), using: &random))
                $0.instanceType.gpuLimit = gpus
            }
            jobs.append(Job(id: id, spec: spec, createTime: now))
            launches.append(0)
            permissions.append(1)
        }

        mutating func plan(capacity: ResourceAmount, at now: Timestamp) throws {
            let held = jobs.filter(\.holdsResources).map {
                SchedulingPlan.Holding(
                    demand: $0.spec.instanceType.demand, gpus: $0.heldGPUs, userName: "ada", groupName: "research")
            }
            let queue = jobs.filter { $0.phase == .pending }.map {
                SchedulingPlan.Candidate(
                    id: $0.id, demand: $0.spec.instanceType.demand, userName: "ada", groupName: "research")
            }
            let plan = SchedulingPlan(queue: queue, held: held, node: Sample.node(capacity))
            for start in plan.starts { try send(.admitted(gpus: start.gpus), to: index(start.id), at: now) }
            for rejection in plan.rejections {
                try send(.foundUnschedulable(message: rejection.message), to: index(rejection.id), at: now)
            }
        }

        /// Any event but those that only the plan may send.
        mutating func sendAnyEvent(at now: Timestamp, using random: inout SeededGenerator) throws {
            // Mostly to jobs that get on; a job that is cancelled early tells little.
            let held = jobs.indices.filter { jobs[$0].holdsResources }
            let some = Int.random(in: 0..<10, using: &random) < 8 ? held.randomElement(using: &random) : nil
            guard let index = some ?? jobs.indices.randomElement(using: &random) else { return }
            let rare: [EventKind] =
                Int.random(in: 0..<10, using: &random) == 0 ? [.cancelRequested, .deadlinePassed] : []
            let planned: [EventKind] = [.admitted, .foundUnschedulable, .cancelRequested, .deadlinePassed]
            let kinds = rare + EventKind.allCases.filter { !planned.contains($0) }
            guard let kind = kinds.randomElement(using: &random) else { return }
            var event = kind.sample
            if kind == .exited {
                event = .exited(
                    ContainerExit(exitCode: Bool.random(using: &random) ? 0 : 1, startTime: now, finishTime: now))
            }
            try send(event, to: index, at: now)
        }

        private mutating func send(_ event: JobEvent, to index: Int, at now: Timestamp) throws {
            let before = jobs[index]
            var effects: [JobEffect] = []
            do {
                effects = try jobs[index].handle(event, at: now)
            } catch {
                try #require(jobs[index] == before)
                return
            }
            let after = jobs[index]
            if case .ended(let old) = before.state {
                guard case .ended(let new) = after.state else {
                    Issue.record("\(before.phase) became \(after.phase)")
                    return
                }
                try #require(new.outcome == old.outcome && new.finishTime == old.finishTime)
                try #require(new.startTime == old.startTime && after.history == before.history)
                try #require(!old.isCleanedUp || new.isCleanedUp)
            }
            try checkHistory(before, after)
            if EventKind(event) == .launchNotBegun { permissions[index] += 1 }
            launches[index] += effects.filter { $0 == .launch }.count
            try #require(launches[index] <= permissions[index], "a command could run twice")
        }

        private func checkHistory(_ before: Job, _ after: Job) throws {
            try #require(after.history.starts(with: before.history, by: { $0 == $1 }))
            try #require(after.history.last?.phase == after.phase)
            let ranks = after.history.map {
                $0.phase.isFinal ? 3 : [.pending, .preparing, .running].firstIndex(of: $0.phase)!
            }
            try #require(zip(ranks, ranks.dropFirst()).allSatisfy(<), "phases went back: \(after.history)")
            try #require(ranks.first == 0 && after.history.first?.time == after.createTime)
        }

        private func index(_ id: JobID) throws -> Int {
            try #require(jobs.firstIndex { $0.id == id })
        }
    }
}
