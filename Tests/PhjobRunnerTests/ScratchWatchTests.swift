import Testing

@testable import PhjobRunner

/// When a job's scratch is looked at again.
struct ScratchWatchTests {
    @Test(arguments: [
        // Looks that take no time come soon at first, then every ten seconds.
        (1.0, 0.001, 2.0), (2, 0.001, 4), (8, 0.001, 10), (10, 0.001, 10),
        // They take a fiftieth of the time, but a job is never left alone for longer than a minute,
        (10, 0.5, 25), (10, 1, 50), (10, 5, 60), (10, 60, 60),
        // or than a look takes: then half of the time.
        (10, 300, 300),
    ])
    func pause(_ before: Double, _ cost: Double, _ expected: Double) {
        #expect(abs(ScratchWatch.pause(after: before, cost: cost) - expected) < 1e-6)
    }
}
