import PhjobSystem
import PhjobTestSupport
import Testing

@testable import PhjobRunner

@Suite("Space for jobs")
struct NodeSpaceTests {
    private static let gib: Int64 = 1 << 30

    @Test(
        "Bytes and inodes both count",
        arguments: [
            (gib * 2, gib * 100, nil, nil), (gib / 2, gib * 100, nil, "has only 512M free"),
            // A twentieth of a small disk is enough.
            (gib / 2, gib * 9, nil, nil),
            (gib * 2, gib * 100, (20_000, 1_000_000), nil),
            (gib * 2, gib * 100, (9_999, 1_000_000), "has only 9999 inodes free"),
            (gib * 2, gib * 100, (0, 8_192), "has only 0 inodes free"), (gib * 2, gib * 100, (500, 8_192), nil),
        ] as [(Int64, Int64, (Int64, Int64)?, String?)])
    func problem(_ free: Int64, _ total: Int64, _ inodes: (Int64, Int64)?, words: String?) {
        let problem = Node.spaceProblem(
            at: "/x", space: (free, total), inodes: inodes.map { (free: $0.0, total: $0.1) })
        #expect((problem == nil) == (words == nil), "\(problem ?? "none")")
        if let words { #expect(problem?.contains(words) == true, "\(problem ?? "none")") }
    }

    @Test("Inodes of a real file system")
    func inodes() throws {
        let directory = try TemporaryDirectory()
        if let inodes = try Directory.inodes(at: directory.path) {
            #expect(inodes.free > 0 && inodes.free <= inodes.total)
        }
        #expect(try Directory.inodes(at: "/proc") == nil)
    }
}
