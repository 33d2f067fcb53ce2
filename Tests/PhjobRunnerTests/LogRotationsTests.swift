import Glibc
import PhjobCore
import PhjobStore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

@Suite("Counting the log files that an engine replaces at their bound")
struct LogRotationsTests {
    @Test("Each one is counted, however fast they come, and the first is kept")
    func count() throws {
        let directory = try TemporaryDirectory()
        let store = try JobStore(root: directory("state"))
        var record = JobRecord(job: SampleJob.job(0))
        try store.create(&record)
        let (id, layout) = (record.job.id, store.layout.job(record.job.id))
        let rotations = LogRotations(store: store)
        rotations.begin(id, bound: 100)
        rotations.begin(id, bound: 100)
        let write = { (name: String, text: String) in
            let file = try Descriptor(opening: "\(layout.root)/\(name)", flags: O_CREAT | O_WRONLY)
            try file.write(Array(text.utf8))
        }
        try write("log", "first\n")
        try blockUntil("the first file is kept") { access(layout.logHead, F_OK) == 0 }
        for round in 1...300 {
            try write("log.tmp", "round \(round)\n")
            rename("\(layout.root)/log.tmp", layout.log)
        }
        rotations.end(id)
        let before = try #require(LogBefore.read(layout.logBefore))
        #expect(try before.newest == LogFileIdentity(Descriptor(opening: layout.log, flags: O_RDONLY)))
        // What was seen is counted exactly, and what was not is counted as what it was at least: here nothing.
        let sizes = (1...299).map { Int64("round \($0)\n".utf8.count) }
        #expect(before.bytes >= 6 && before.bytes <= 6 + sizes.reduce(0, +))
        #expect(before.isExact == (before.bytes == 6 + sizes.reduce(0, +)))
        // Nothing is counted after the end.
        try write("log.tmp", "late\n")
        rename("\(layout.root)/log.tmp", layout.log)
        rotations.end(id)
        #expect(LogBefore.read(layout.logBefore) == before)
    }
}
