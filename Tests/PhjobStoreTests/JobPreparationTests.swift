import Glibc
import PhjobCore
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Testing

/// What is put into a job's directory for its container.
@Suite struct JobPreparationTests {
    private let directory: TemporaryDirectory
    private let store: JobStore
    private let id = SampleJob.id()
    private let user = JobSpec.User(
        name: "alice", uid: HostProcess.isRoot ? 1000 : geteuid(), gid: HostProcess.isRoot ? 100 : getegid())
    private let files = JobFiles(
        launcher: "#!/bin/sh\n", command: "echo \0\u{e9}\n", passwd: "alice:x:1000:100::/home/jovyan:/bin/sh\n",
        group: "users:x:100:\n",
        links: [
            "research": "/project/research", "datasets/digits": "/datasets/digits", "datasets/other": "/datasets/other",
        ])

    init() throws {
        directory = try TemporaryDirectory()
        store = try JobStore(root: directory("state"))
        var record = JobRecord(job: SampleJob.job())
        try store.create(&record)
    }

    private func name(_ part: String) -> String { "state/jobs/\(id)/\(part)" }

    private func owner(_ part: String) -> [UInt32]? {
        directory.status(name(part)).map { [$0.st_uid, $0.st_gid] }
    }

    private func target(_ part: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink(directory(name(part)), &buffer, buffer.count)
        return count < 0 ? nil : String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func expectPrepared() throws {
        #expect(try directory.names(name(".")) == ["group", "home", "job.json", "passwd", "run"])
        #expect(try directory.names(name("home")) == ["datasets", "research"])
        #expect(try directory.names(name("home/datasets")) == ["digits", "other"])
        #expect(try directory.names(name("run")) == ["began", "command", "start"])
        #expect(target("home/research") == "/project/research")
        #expect(target("home/datasets/digits") == "/datasets/digits")
        #expect(try directory.text(name("run/start")) == files.launcher)
        #expect(try directory.text(name("run/command")) == files.command)
        #expect(try directory.text(name("passwd")) == files.passwd)
        #expect(try directory.text(name("group")) == files.group)
        let modes: [String: mode_t] = [
            "home": 0o700, "run": 0o755, "run/start": 0o500, "run/command": 0o500, "passwd": 0o644, "group": 0o644,
        ]
        for (part, mode) in modes { #expect(directory.mode(name(part)) == mode, "\(part)") }
        for part in ["home", "home/datasets", "run/start", "run/command"] {
            #expect(owner(part) == [user.uid, user.gid], "\(part)")
        }
        for part in ["run", "passwd", "group"] { #expect(owner(part) == [geteuid(), getegid()], "\(part)") }
    }

    @Test func everythingIsThereWithItsModeAndOwner() throws {
        try store.prepare(id, files: files, user: user)
        try expectPrepared()
    }

    /// A runner may be started with any umask. In a process of its own, as the umask is the whole process's.
    @Test(arguments: [0o077, 0o022, 0])
    func umaskMakesNoDifference(_ mask: Int) async {
        await #expect(processExitsWith: .success) { [mask = mask as Int] in
            umask(mode_t(mask))
            let tests = try JobPreparationTests()
            try tests.store.prepare(tests.id, files: tests.files, user: tests.user)
            try tests.expectPrepared()
        }
    }

    @Test func preparingAgainStartsAfresh() throws {
        try store.prepare(id, files: files, user: user)
        try directory.write("left over", to: name("home/result"))
        try directory.write("123\n", to: name("pid"))
        var other = files
        other.links = ["research": "/project/research"]
        try store.prepare(id, files: other, user: user)
        #expect(try directory.names(name("home")) == ["research"])
        #expect(store.containerPID(of: id) == nil)
        try store.prepare(id, files: files, user: user)
        try expectPrepared()
    }

    /// What a job's first attempt left lies where we write next, and points out of its home.
    @Test func hostileLeftoversAreNeitherFollowedNorKept() throws {
        try store.prepare(id, files: files, user: user)
        try directory.write("precious", to: "outside", mode: 0o640)
        try Directory.create(directory("elsewhere"), mode: 0o750)
        unlink(directory(name("home/datasets/digits")))
        unlink(directory(name("home/datasets/other")))
        rmdir(directory(name("home/datasets")))
        symlink(directory("elsewhere"), directory(name("home/datasets")))
        for part in ["passwd", "group", "run/start", "run/command"] {
            unlink(directory(name(part)))
            symlink(directory("outside"), directory(name(part)))
        }
        let before = directory.mode("elsewhere")
        try store.prepare(id, files: files, user: user)
        try expectPrepared()
        #expect(try directory.text("outside") == "precious")
        #expect(directory.mode("outside") == 0o640)
        #expect(try directory.names("elsewhere") == [])
        #expect(directory.mode("elsewhere") == before)
        #expect(directory.status("elsewhere")?.st_uid == geteuid())
    }

    @Test func homeThatIsALinkIsReplaced() throws {
        try Directory.create(directory("elsewhere"))
        symlink(directory("elsewhere"), directory(name("home")))
        try store.prepare(id, files: files, user: user)
        try expectPrepared()
        #expect(try directory.names("elsewhere") == [])
    }

    @Test func jobWithoutLinks() throws {
        var files = files
        files.links = [:]
        try store.prepare(id, files: files, user: user)
        #expect(try directory.names(name("home")) == [])
    }

    @Test func jobThatIsNotThereCannotBePrepared() {
        #expect(throws: SystemError.self) { try store.prepare(SampleJob.id(1), files: files, user: user) }
    }

    @Test func recordStaysAsItIs() throws {
        let before = try store.load(id)
        try store.prepare(id, files: files, user: user)
        try store.remove(JobLayout.scratchNames, of: id)
        #expect(try store.load(id) == before)
        #expect(try directory.names(name(".")) == ["job.json"])
    }

    @Test(arguments: [
        ("1234\n", 1234), ("1234", 1234), (" 42 \n", 42), ("", nil), ("\n", nil), ("abc", nil), ("0", nil), ("-1", nil),
        ("99999999999", nil),
    ])
    func containerNumberIsReadIfItIsOne(_ text: String, _ number: pid_t?) throws {
        try directory.write(text, to: name("pid"))
        #expect(store.containerPID(of: id) == number)
    }

    @Test func containerNumberIsNotReadThroughALink() throws {
        #expect(store.containerPID(of: id) == nil)
        try directory.write("1", to: "outside")
        symlink(directory("outside"), directory(name("pid")))
        #expect(store.containerPID(of: id) == nil)
    }

    @Test func scratchIsHomeAndTemporaryTogether() throws {
        #expect(store.scratchSize(of: id, limit: 0) == 0)
        try Directory.create(directory(name("home/a")))
        try Directory.create(directory(name("tmp")))
        for number in 0..<9 { try directory.write("", to: name("tmp/\(number)")) }
        // Ten names of 4 KiB each.
        #expect(store.scratchSize(of: id, limit: .max) == 10 * 4096)
        #expect(store.scratchSize(of: id, limit: 4096) == 2 * 4096)
    }

    /// Who hides files deeper than can be measured does not escape.
    @Test func scratchThatCannotBeMeasuredIsTooMuch() throws {
        try Directory.create(directory(name("home")))
        var current = try Directory.open(directory(name("home")))
        for level in 0...TreeSize.deepest + 1 {
            try retrying("cannot make level \(level)") { mkdirat(current.number, "d", 0o700) }
            current = try Descriptor(opening: "d", in: current, flags: O_RDONLY | O_DIRECTORY)
        }
        #expect(store.scratchSize(of: id, limit: 1 << 40) == .max)
    }

    /// What is moved away cannot be reached by a path any more, not even while it is removed.
    @Test func scratchIsMovedAwayAndThenRemoved() throws {
        try store.prepare(id, files: files, user: user)
        try directory.write("x", to: name("home/result"))
        chmod(directory(name("home")), 0o500)
        let names = try store.discardScratch(of: id)
        #expect(try directory.names(name(".")) == ["job.json"])
        #expect(try store.trashNames().sorted() == names.sorted())
        #expect(directory.mode("state/trash") == 0o700)
        // Another attempt at the same job may be discarded before the first is removed.
        try store.prepare(id, files: files, user: user)
        let more = try store.discardScratch(of: id)
        try store.removeTrash(names)
        #expect(try store.trashNames().sorted() == more.sorted())
        try store.removeTrash(more + names)
        #expect(try store.trashNames() == [])
        #expect(try store.discardScratch(of: id) == [])
    }

    @Test func firstLogFileKeepsASecondName() throws {
        store.keepLogHead(of: id)
        #expect(directory.status(name("log.head")) == nil)
        try directory.write("first", to: name("log"))
        store.keepLogHead(of: id)
        unlink(directory(name("log")))
        try directory.write("second", to: name("log"))
        store.keepLogHead(of: id)
        #expect(try directory.text(name("log.head")) == "first")
    }
}
