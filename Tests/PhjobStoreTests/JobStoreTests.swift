import Glibc
import PhjobCore
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Testing

/// Making, changing and finding jobs in a state directory.
@Suite struct JobStoreTests {
    private let directory: TemporaryDirectory
    private let store: JobStore
    private let id = SampleJob.id()
    private var jobDirectory: String { "state/jobs/\(id)" }

    init() throws {
        directory = try TemporaryDirectory()
        store = try JobStore(root: directory("state"))
    }

    private func reopened() throws -> JobStore {
        try JobStore(root: directory("state"))
    }

    @Test func createdJobIsThere() throws {
        var record = JobRecord(job: SampleJob.job())
        try store.create(&record)
        #expect(record.revision == 1)
        for store in [store, try reopened()] {
            #expect(try store.ids() == [id])
            #expect(try store.load(id) == record)
        }
        #expect(try directory.names("state/jobs") == [id.text])
        #expect(try directory.names(jobDirectory) == ["job.json"])
        #expect(directory.mode(jobDirectory) == 0o700)
        #expect(directory.mode("\(jobDirectory)/job.json") == 0o600)
    }

    @Test func savedChangeIsThere() throws {
        var record = JobRecord(job: SampleJob.job())
        try store.create(&record)
        for (index, job) in try SampleJob.inEveryState().enumerated() {
            record.job = job
            try store.save(&record)
            #expect(record.revision == Int64(index + 2))
            #expect(try store.load(id) == record)
        }
        #expect(try directory.names(jobDirectory) == ["job.json"])
    }

    @Test func unknownMembersSurviveASave() throws {
        let unknown = JSONValue.object(["added": .string("later"), "spec": .object(["more": .integer(1)])])
        var record = JobRecord(job: SampleJob.job(), unknown: unknown)
        try store.create(&record)
        var loaded = try store.load(id)
        _ = try loaded.job.handle(.admitted(gpus: [GPU(index: 1)]), at: SampleJob.time)
        try store.save(&loaded)
        #expect(try store.load(id).unknown == unknown)
    }

    @Test func sameJobCannotBeMadeTwice() throws {
        var record = JobRecord(job: SampleJob.job())
        try store.create(&record)
        var second = JobRecord(job: SampleJob.job(spec: SampleJob.spec(command: "other")), revision: 77)
        #expect(throws: SystemError.self) { try store.create(&second) }
        #expect(second.revision == 77)
        #expect(try store.load(id) == record)
        #expect(try directory.names("state/jobs") == [id.text])
    }

    @Test func failedSaveChangesNothing() throws {
        var record = JobRecord(job: SampleJob.job(3))
        #expect(throws: SystemError.self) { try store.save(&record) }
        #expect(record == JobRecord(job: SampleJob.job(3)))
        #expect(try store.ids() == [])
    }

    @Test(.enabled(if: HostProcess.isRoot, "mounting needs root"))
    func fullDiskLeavesRecordAndFileAsTheyWere() async throws {
        try await onThread { [directory] in
            let mount = directory("small")
            try Directory.create(mount)
            let mounted = try HostProcess.shell("mount -t tmpfs -o size=1408k,mode=700 phjob-test \(mount)")
            try #require(mounted.isSuccess, "\(mounted.errors.text)")
            defer { _ = try? HostProcess.shell("umount -l \(mount)") }
            let store = try JobStore(root: mount)
            var record = JobRecord(job: SampleJob.job())
            try store.create(&record)
            let (before, names) = (record, try directory.names("small/jobs/\(record.job.id)"))
            let large = SampleJob.spec(command: String(repeating: "x", count: 1 << 20))
            record.job = SampleJob.job(spec: large)
            let error = #expect(throws: SystemError.self) { try store.save(&record) }
            #expect(error?.number == ENOSPC)
            #expect(record.revision == before.revision)
            #expect(try store.load(before.job.id) == before)
            #expect(try directory.names("small/jobs/\(before.job.id)") == names)
            var other = JobRecord(job: SampleJob.job(1, spec: large))
            #expect(throws: SystemError.self) { try store.create(&other) }
            #expect(try store.ids() == [before.job.id])
            #expect(try directory.names("small/jobs") == [before.job.id.text])
        }
    }

    @Test func manyJobsAreListed() throws {
        for number in 0..<200 {
            var record = JobRecord(job: SampleJob.job(number))
            try store.create(&record)
        }
        #expect(try Set(reopened().ids()) == Set((0..<200).map(SampleJob.id)))
    }

    @Test func leftoversOfADeadRunnerAreRemoved() throws {
        var record = JobRecord(job: SampleJob.job())
        try store.create(&record)
        for name in [".new-\(SampleJob.id(1))", ".gone-\(SampleJob.id(2))"] {
            try Directory.create(directory("state/jobs/\(name)/home/deep"))
            try directory.write("x", to: "state/jobs/\(name)/job.json")
        }
        #expect(try store.ids() == [id])
        #expect(try reopened().ids() == [id])
        #expect(try directory.names("state/jobs") == [id.text])
    }

    @Test func whatADeadRunnerCopiedOutOfAnImageIsRemoved() throws {
        try Directory.create(directory("state/cache/phjob-image-cafe-1.0/deep"))
        try directory.write("x", to: "state/cache/phjob-image-cafe-1.0/deep/file")
        try directory.write("x", to: "state/cache/phjob-image-cafe-1.1")
        try directory.write("x", to: "state/cache/other")
        _ = try reopened()
        let names = try directory.names("state/cache")
        #expect(names.contains("other") && !names.contains { $0.hasPrefix("phjob-image-") }, "\(names)")
    }

    @Test func leftoverOfTheSameJobIsNotInTheWay() throws {
        try Directory.create(directory("state/jobs/.new-\(id)"))
        try directory.write("torn", to: "state/jobs/.new-\(id)/job.json")
        var record = JobRecord(job: SampleJob.job())
        try store.create(&record)
        #expect(try store.load(id) == record)
    }

    @Test func foreignNamesAreSetAsideWithAReason() throws {
        for name in ["notes.txt", "job-1", "job-202611210727-ABCDEF"] {
            try directory.write("precious", to: "state/jobs/\(name)")
        }
        try Directory.create(directory("state/jobs/a directory"))
        #expect(try store.ids() == [])
        #expect(try directory.names("state/jobs") == [])
        let quarantined = store.quarantined()
        #expect(quarantined.count == 4)
        #expect(quarantined.allSatisfy { $0.reason == "its name is no job id" })
        let kept = try directory.names("state/quarantine").filter { !$0.hasSuffix(".reason") }
        #expect(kept == quarantined.map(\.name))
        let notes = try #require(kept.first { $0.hasPrefix("notes.txt.") })
        #expect(try directory.text("state/quarantine/\(notes)") == "precious")
    }

    @Test func nameThatCannotBeMovedStopsNothing() throws {
        var record = JobRecord(job: SampleJob.job())
        try store.create(&record)
        try directory.write("x", to: "state/jobs/" + String(repeating: "n", count: 255))
        #expect(try store.ids() == [id])
    }

    @Test func damagedJobIsSetAsideWhole() throws {
        var record = JobRecord(job: SampleJob.job())
        try store.create(&record)
        try directory.write("the log", to: "\(jobDirectory)/log")
        try store.setAside(id.text, because: "its digest\ndoes not fit")
        #expect(try store.ids() == [])
        let entry = try #require(store.quarantined().first)
        #expect(entry.name.hasPrefix(id.text + "."))
        #expect(entry.reason == "its digest does not fit")
        #expect(try directory.text("state/quarantine/\(entry.name)/log") == "the log")
    }

    @Test func whatIsMissingCannotBeSetAside() throws {
        #expect(throws: SystemError.self) { try store.setAside("missing", because: "x") }
        #expect(try directory.names("state/quarantine") == [])
    }

    @Test func namedPartsOfAJobAreRemoved() throws {
        var record = JobRecord(job: SampleJob.job())
        try store.create(&record)
        for name in JobLayout.logNames { try directory.write("x", to: "\(jobDirectory)/\(name)") }
        try Directory.create(directory("\(jobDirectory)/home/deep"))
        try store.remove(JobLayout.scratchNames, of: id)
        #expect(try directory.names(jobDirectory) == (["job.json"] + JobLayout.logNames).sorted())
        try store.remove(JobLayout.logNames, of: id)
        #expect(try directory.names(jobDirectory) == ["job.json"])
        #expect(throws: SystemError.self) { try store.remove(["log"], of: SampleJob.id(1)) }
    }
}
