import Testing

@testable import PhjobCore

struct UsageTests {
    private static let begin = Timestamp(milliseconds: 1_000_000_000)
    private static let end = begin.adding(seconds: 1000)

    private static func job(_ start: Int64?, _ finish: Int64?) -> JobSummary {
        JobSummary(
            id: Sample.id, displayName: "x", groupName: "g", owner: JobOwner(uid: 1, name: "u"), phase: .running,
            createTime: begin,
            startTime: start.map { begin.adding(seconds: $0) }, finishTime: finish.map { begin.adding(seconds: $0) },
            demand: ResourceAmount(cpu: CPUAmount(milli: 1500), memory: MemorySize(bytes: 2 << 30), gpus: 3),
            idempotencyKey: nil, logExpiry: nil)
    }

    @Test(
        arguments: [
            (job(100, 200), 100), (job(-50, 100), 100), (job(900, nil), 100), (job(-100, nil), 1000),
            (job(-100, -50), nil),
            (job(nil, 50), nil), (job(950, 2000), 50),
        ] as [(JobSummary, Double?)])
    func whatFallsIntoTheTime(_ job: JobSummary, _ seconds: Double?) {
        var total = UsageTotal()
        total.add(job, from: Self.begin, to: Self.end)
        #expect(total.jobs == (seconds == nil ? 0 : 1))
        let seconds = seconds ?? 0
        #expect(total.cpuSeconds == 1.5 * seconds && total.gpuSeconds == 3 * seconds)
        #expect(total.memoryGiBSeconds == 2 * seconds)
    }

    @Test func theRateOfSubmissions() {
        var rate = SubmissionRate(at: Self.begin)
        for _ in 0..<60 { #expect(rate.take(at: Self.begin, perMinute: 60) == nil) }
        #expect(rate.take(at: Self.begin, perMinute: 60) == 1)
        #expect(rate.take(at: Self.begin.adding(seconds: 2), perMinute: 60) == nil)
        #expect(rate.take(at: Self.begin.adding(seconds: 2), perMinute: 60) == nil)
        #expect(rate.take(at: Self.begin.adding(seconds: 2), perMinute: 60) == 1)
        #expect(!rate.isFull(at: Self.begin.adding(seconds: 30), perMinute: 60))
        #expect(rate.isFull(at: Self.begin.adding(seconds: 62), perMinute: 60))
        // A clock that was set back gives nothing, and takes nothing.
        #expect(rate.take(at: Self.begin, perMinute: 60) == 1)
        var large = SubmissionRate(at: Self.begin)
        #expect(large.take(at: Self.begin, perMinute: 60, weight: 50) == nil)
        #expect(large.take(at: Self.begin, perMinute: 60, weight: 50) == 40)
        #expect(large.take(at: Self.begin, perMinute: 60, weight: 10) == nil)
        #expect(large.take(at: Self.begin.adding(seconds: 60), perMinute: 60, weight: 1000) == nil)
        var slow = SubmissionRate(at: Self.begin)
        #expect(slow.take(at: Self.begin, perMinute: 1) == nil)
        #expect(slow.take(at: Self.begin, perMinute: 1) == 60)
    }

    @Test func howManyMayWait() throws {
        var waiting = WaitingJobs()
        (waiting.ofUserInGroup, waiting.ofGroup) = (3, 5)
        try GroupQuotas(user: Quota(waitingJobs: 4), group: Quota(waitingJobs: 6)).checkWaiting(
            waiting, userName: "ada", groupName: "lab")
        let user = GroupQuotas(user: Quota(waitingJobs: 3))
        let group = GroupQuotas(group: Quota(waitingJobs: 5))
        for (quotas, words) in [
            (user, "3 jobs of ada in group 'lab' wait already; at most 3 may"),
            (group, "5 jobs of group 'lab' wait already; at most 5 may"),
        ] {
            let error = #expect(throws: PhjobError.self) {
                try quotas.checkWaiting(waiting, userName: "ada", groupName: "lab")
            }
            #expect(error?.message == words && error?.code == .tooManyRequests && error?.retryAfter == nil)
        }
    }
}
