import Testing

@testable import PhjobCore

struct RetentionPolicyTests {
    @Test func theLogGoesAWhileAfterTheEnd() {
        let job = Sample.job(Sample.ended(.succeeded, cleanedUp: true))
        #expect(RetentionPolicy.logExpiry(of: job) == Sample.created.adding(seconds: 90 + 604_800))
    }

    @Test func notWhileTheJobLives() {
        for state in [
            .pending(PendingJob()), Sample.preparing(launched: false), Sample.preparing(launched: true),
            Sample.running(),
        ] {
            #expect(RetentionPolicy.logExpiry(of: Sample.job(state)) == nil)
        }
    }

    /// Clean-up may still write to the log; a log that was removed before would come back.
    @Test func notBeforeTheLogIsComplete() {
        #expect(RetentionPolicy.logExpiry(of: Sample.job(Sample.ended(.failed))) == nil)
    }

    @Test func notTwice() {
        let job = Sample.job(Sample.ended(.failed, cleanedUp: true, logExpired: true))
        #expect(RetentionPolicy.logExpiry(of: job) == nil)
    }

    @Test("A log that could not be removed is tried again after an hour, and others in their time")
    func nextRound() {
        let now = Timestamp(milliseconds: 1_795_250_000_000)
        let times = { (seconds: [Int64]) in seconds.map(now.adding(seconds:)) }
        #expect(RetentionPolicy.nextRound(after: now, times([])) == nil)
        #expect(RetentionPolicy.nextRound(after: now, times([-10, -1])) == now.adding(seconds: 3600))
        #expect(RetentionPolicy.nextRound(after: now, times([0])) == now.adding(seconds: 3600))
        #expect(RetentionPolicy.nextRound(after: now, times([-10, 5, 60])) == now.adding(seconds: 5))
        #expect(RetentionPolicy.nextRound(after: now, times([-10, 7200])) == now.adding(seconds: 3600))
        #expect(RetentionPolicy.nextRound(after: now, times([7200])) == now.adding(seconds: 7200))
    }
}
