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
}
