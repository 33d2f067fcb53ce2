import FoundationEssentials
import Testing

@testable import PhjobCore

/// Records on disk: every state comes back as it was, and what a newer phjob wrote is kept.
struct JobCodingTests {
    @Test(arguments: StateKind.all)
    func roundTrip(_ kind: StateKind) throws {
        let job = Sample.job(kind.state)
        #expect(try Sample.recoded(job) == job)
    }

    @Test func roundTripOfTheBareMinimum() throws {
        let spec = Sample.spec {
            $0.activeDeadlineSeconds = nil
            $0.volume = nil
            $0.datasets = []
            $0.environment = [:]
            $0.idempotency = nil
            $0.rerunOf = Sample.id
        }
        let image = ResolvedImage(id: "00")
        let container = ContainerIdentity(id: "00", process: nil, bootID: "")
        let running = RunningJob(gpus: [], image: image, container: container, startTime: Sample.now, deadline: nil)
        let job = Sample.job(.running(running), spec: spec)
        #expect(try Sample.recoded(job) == job)
    }

    @Test func layout() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let pending = try #require(String(data: encoder.encode(Sample.job()), encoding: .utf8))
        #expect(pending.contains(#""createTime":"2026-11-21T09:00:00.125Z""#))
        #expect(pending.contains(#""status":{"phase":"Pending"}"#))
        #expect(
            pending.contains(
                #""history":[{"phase":"Pending","reason":"WaitingForTurn","time":"2026-11-21T09:00:00.125Z"}]"#))
        let ended = try #require(String(data: encoder.encode(Sample.job(Sample.ended(.failed))), encoding: .utf8))
        #expect(ended.contains(#""phase":"Failed""#) && ended.contains(#""exitCode":143"#))
    }

    @Test func unknownReasonIsKept() throws {
        let job = Sample.job(Sample.ended(.failed))
        guard case .ended(let ended) = try Sample.recoded(job).state else { return }
        #expect(ended.outcome.reason.rawValue == "FromTheFuture")
    }

    @Test func membersThatANewerPhjobAddedDoNotHurt() throws {
        let text = #"{"phase":"Preparing","gpus":[1],"from":{"the":["future"]}}"#
        let state = try JSONDecoder().decode(JobState.self, from: Data(text.utf8))
        #expect(state == .preparing(PreparingJob(gpus: [1])))
    }

    @Test func anOldEndedRecordIsCleanedUpAgain() throws {
        let text = #"{"phase":"Failed","reason":"X","message":"m","finishTime":"2026-11-21T09:00:00Z"}"#
        guard case .ended(let ended) = try JSONDecoder().decode(JobState.self, from: Data(text.utf8)) else {
            Issue.record("not ended")
            return
        }
        #expect(ended.mayHaveContainer && !ended.isCleanedUp && ended.gpus.isEmpty && ended.logExpireTime == nil)
    }

    @Test(arguments: [
        #"{}"#, #"{"phase":"Exploded"}"#, #"{"phase":"Running"}"#, #"{"phase":"Preparing"}"#,
        #"{"phase":"Failed","reason":"X","message":"m"}"#,
        #"{"phase":"Failed","reason":"X","message":"m","finishTime":"yesterday"}"#,
    ])
    func damagedStates(_ text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(JobState.self, from: Data(text.utf8)) }
    }

    @Test(arguments: [#""job-1""#, #""../../etc/passwd""#, "7"])
    func damagedIDs(_ text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(JobID.self, from: Data(text.utf8)) }
    }
}
