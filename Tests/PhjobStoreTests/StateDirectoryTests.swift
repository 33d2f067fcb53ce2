import Glibc
import PhjobCore
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Testing

/// Which state directories are used, and which files in them are believed.
@Suite struct StateDirectoryTests {
    private let directory: TemporaryDirectory
    private let id = SampleJob.id()

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func store() throws(PhjobError) -> JobStore {
        try JobStore(root: directory("state"))
    }

    private func refusal(_ path: String) throws -> PhjobError {
        try #require(#expect(throws: PhjobError.self) { try JobStore(root: path) })
    }

    @Test func directoryIsMadeForItsOwnerAlone() throws {
        let store = try JobStore(root: directory("a/b/state"))
        for name in ["a/b/state", "a/b/state/jobs", "a/b/state/quarantine", "a/b/state/cache"] {
            #expect(directory.mode(name) == 0o700)
        }
        #expect(store.layout.lock == directory("a/b/state/runner.lock"))
    }

    @Test func idStaysTheSame() throws {
        let first = try store().stateID
        #expect(first.utf8.count == 16)
        #expect(first.allSatisfy { $0.isHexDigit })
        for _ in 0..<3 { #expect(try store().stateID == first) }
        #expect(try JobStore(root: directory("other")).stateID != first)
    }

    /// With a new id, running containers would be strangers.
    @Test(arguments: ["", "xyz\n", "0123456789abcde\n", "0123456789abcdef0\n"])
    func damagedIdIsNotReplaced(_ text: String) throws {
        _ = try store()
        try directory.write(text, to: "state/id")
        let error = try refusal(directory("state"))
        #expect(error.description.contains("'id'"))
        #expect(try directory.text("state/id") == text)
    }

    @Test(arguments: [0o777, 0o720, 0o702] as [mode_t])
    func directoryThatOthersMayWriteToIsRefused(_ mode: mode_t) throws {
        try Directory.create(directory("state"))
        chmod(directory("state"), mode)
        let error = try refusal(directory("state"))
        #expect(error.hint?.contains("chmod 700") == true)
        #expect(try directory.names("state") == [])
    }

    @Test(.enabled(if: HostProcess.isRoot, "giving a directory away needs root"))
    func directoryOfAnotherUserIsRefused() throws {
        try Directory.create(directory("state"))
        chown(directory("state"), 65534, 65534)
        #expect(try refusal(directory("state")).description.contains("another user"))
        #expect(try directory.names("state") == [])
    }

    @Test(arguments: ["a,b", "a:b", "a\"b", "a\nb"])
    func pathThatCannotBeMountedIsRefusedAndNotMade(_ name: String) throws {
        let error = try refusal(directory(name))
        #expect(error.hint?.contains("PHJOB_STATE") == true)
        #expect(try directory.names() == [])
    }

    @Test(arguments: ["relative/state", "", "/"])
    func pathThatIsNoPlaceIsRefused(_ path: String) throws {
        _ = try refusal(path)
    }

    @Test func fileOrLinkInItsPlaceIsRefused() throws {
        try directory.write("precious", to: "file")
        try Directory.create(directory("elsewhere"))
        symlink("elsewhere", directory("link"))
        for name in ["file", "file/below", "link"] { _ = try refusal(directory(name)) }
        #expect(try directory.text("file") == "precious")
        #expect(try directory.names("elsewhere") == [])
    }

    private func madeJob() throws -> (JobStore, String) {
        let store = try store()
        var record = JobRecord(job: SampleJob.job())
        try store.create(&record)
        return (store, "state/jobs/\(id)/job.json")
    }

    @Test func recordThatIsALinkIsRefused() throws {
        let (store, name) = try madeJob()
        rename(directory(name), directory("outside"))
        symlink(directory("outside"), directory(name))
        let error = #expect(throws: SystemError.self) { try store.load(id) }
        #expect(error?.number == ELOOP)
    }

    @Test func recordWithASecondNameIsRefused() throws {
        let (store, name) = try madeJob()
        link(directory(name), directory("outside"))
        #expect(throws: JobRecordCoding.Failure.self) { try store.load(id) }
    }

    @Test(.enabled(if: HostProcess.isRoot, "giving a file away needs root"))
    func recordOfAnotherUserIsRefused() throws {
        let (store, name) = try madeJob()
        chown(directory(name), 65534, 65534)
        #expect(throws: JobRecordCoding.Failure.self) { try store.load(id) }
    }

    /// Nor does a pipe that nobody writes to make the runner wait.
    @Test(.timeLimit(.minutes(30))) func recordThatIsNoFileIsRefused() throws {
        let (store, name) = try madeJob()
        unlink(directory(name))
        mkfifo(directory(name), 0o600)
        #expect(throws: JobRecordCoding.Failure.self) { try store.load(id) }
        unlink(directory(name))
        mkdir(directory(name), 0o700)
        #expect(throws: JobRecordCoding.Failure.self) { try store.load(id) }
    }

    @Test func jobDirectoryThatIsALinkOrAFileIsRefused() throws {
        let (store, _) = try madeJob()
        let other = SampleJob.id(1)
        symlink(id.text, directory("state/jobs/\(other)"))
        try directory.write("x", to: "state/jobs/\(SampleJob.id(2))")
        for id in [other, SampleJob.id(2), SampleJob.id(3)] { #expect(throws: SystemError.self) { try store.load(id) } }
    }

    @Test func recordOfAnotherJobIsRefused() throws {
        let (store, name) = try madeJob()
        try Directory.create(directory("state/jobs/\(SampleJob.id(1))"))
        try directory.write(try directory.read(name), to: "state/jobs/\(SampleJob.id(1))/job.json")
        #expect(throws: JobRecordCoding.Failure.self) { try store.load(SampleJob.id(1)) }
    }
}
