import PhjobCore
import Testing

@testable import PhjobTorture

/// What is random comes from the seed alone, so that a torture can be repeated.
@Suite struct PlanTests {
    private static func options(_ arguments: String...) throws -> TortureOptions { try TortureOptions(arguments) }

    @Test func theSameSeedGivesTheSameTorture() throws {
        let options = try Self.options("--seed", "5")
        for number in 0..<200 {
            #expect(JobPlan(number: number, seed: 5) == JobPlan(number: number, seed: 5))
            #expect(RoundPlan(number: number, options: options) == RoundPlan(number: number, options: options))
        }
        #expect((0..<20).contains { JobPlan(number: $0, seed: 5) != JobPlan(number: $0, seed: 6) })
    }

    @Test func roundsSubmitDifferentJobs() throws {
        let options = try Self.options()
        let numbers = (1...50).map { RoundPlan(number: $0, options: options).jobNumbers }.flatMap {
            Array($0.first) + $0.later
        }
        #expect(Set(numbers).count == numbers.count)
        // Those of the warm-up have numbers of their own.
        #expect(numbers.min() == 8)
    }

    /// Every sort of job and of end comes up in a torture as short as that of CI.
    @Test func fiftyRoundsHaveAllSorts() throws {
        let options = try Self.options("--orderly", "--kill-clients", "--seed", "1")
        let rounds = (1...50).map { RoundPlan(number: $0, options: options) }
        let jobs = rounds.flatMap(\.jobNumbers.first).map { JobPlan(number: $0, seed: 1) }
        for ending in [RoundPlan.Ending.kill, .killWithClients, .terminate] {
            #expect(rounds.contains { $0.ending == ending })
        }
        #expect(rounds.contains { if case .afterStart = $0.moment { true } else { false } })
        #expect(rounds.contains { if case .afterSubmission = $0.moment { true } else { false } })
        #expect(rounds.contains { if case .afterProgress = $0.moment { true } else { false } })
        for code: Int32 in [0, 3, 7, 42] { #expect(jobs.contains { $0.ending == .exit(code) }) }
        #expect(jobs.contains { $0.ending == .signal(.kill) })
        #expect(jobs.contains { $0.deadlineSeconds != nil })
        #expect(jobs.contains { $0.cancelDelay != nil && $0.ignoresTermination })
        #expect(jobs.contains { !$0.hasKey } && jobs.contains { $0.isFollowed })
    }

    @Test func withoutBeingAskedForRunnersAreOnlyKilled() throws {
        let options = try Self.options("--seed", "1")
        #expect((1...200).allSatisfy { RoundPlan(number: $0, options: options).ending == .kill })
    }

    @Test func theCommandOfATortureRepeatsIt() throws {
        let options = try Self.options(
            "--engine", "docker", "--rounds", "7", "--seed", "9", "--orderly", "--kill-clients")
        let words = options.command.split(separator: " ").dropFirst().map(String.init)
        #expect(try TortureOptions(words) == options)
    }

    @Test(arguments: [["--rounds", "0"], ["--seed"], ["--engine", "lxc"], ["--what"], ["--duration-limit", "9"]])
    func whatCannotBeDoneIsRefused(_ arguments: [String]) {
        #expect(throws: TortureOptions.Problem.self) { try TortureOptions(arguments) }
    }
}
