import Foundation
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

/// Measuring what somebody else fills.
@Suite(.timeLimit(.minutes(30))) struct TreeSizeTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try Directory.create(directory("t"))
    }

    @Test func theSizeOfATree() throws {
        try Directory.create(directory("t/a/b"))
        let empty = try TreeSize.measure("t", in: directory.descriptor)
        try directory.write([UInt8](repeating: 1, count: 1 << 20), to: "t/a/b/file")
        try directory.write([UInt8](repeating: 1, count: 1 << 20), to: "t/file")
        try directory.write([UInt8](repeating: 1, count: 4 << 20), to: "outside")
        symlink(directory("outside"), directory("t/link"))
        symlink("/", directory("t/a/root"))
        let size = try TreeSize.measure("t", in: directory.descriptor) - empty
        #expect((2 << 20...(2 << 20) + 65_536).contains(size), "\(size)")
        #expect(try TreeSize.measure("none", in: directory.descriptor) == 0)
        // A file full of holes is as large as its blocks.
        truncate(try directory.write("", to: "t/holes"), 1 << 40)
        #expect(try TreeSize.measure("t", in: directory.descriptor) - empty <= (2 << 20) + 65_536)
        #expect(throws: SystemError.self) { try TreeSize.measure("outside", in: directory.descriptor) }
    }

    /// A chain of directories in `t`, made without a path to its end.
    private func makeChain(of depth: Int, files: Int = 0) async throws {
        let parent = directory.descriptor
        try await onThread {
            var current = try Descriptor(opening: "t", in: parent, flags: O_RDONLY | O_DIRECTORY)
            for level in 0..<depth {
                try retrying("cannot make level \(level)") { mkdirat(current.number, "d", 0o700) }
                for number in 0..<files {
                    _ = try Descriptor(opening: "file-\(number)", in: current, flags: O_CREAT | O_WRONLY)
                }
                current = try Descriptor(opening: "d", in: current, flags: O_RDONLY | O_DIRECTORY)
            }
        }
    }

    private func shell(_ script: String) async throws -> String {
        let path = directory.path
        let result = try await onThread { try HostProcess.shell("cd \(path) && \(script)") }
        try #require(result.isSuccess, "\(result.errors.text)")
        return result.output.text
    }

    /// The same by find(1) and awk(1).
    private func expectSizeAsFound() async throws {
        let text = try await shell(
            #"find t -mindepth 1 -printf '%b\n' | awk '{ b = $1 * 512; s += b < 4096 ? 4096 : b } END { printf "%d", s }'"#
        )
        let parent = directory.descriptor
        let size = try await onThread { try TreeSize.measure("t", in: parent) }
        #expect(try size == #require(Int64(text)))
    }

    @Test func deepChain() async throws {
        // Deeper than any path, and than the directories that stay open.
        try await makeChain(of: 2500)
        try await expectSizeAsFound()
    }

    @Test func wideLevel() async throws {
        _ = try await shell("cd t; seq 2000 | xargs mkdir; seq 6000 | sed s/^/f/ | xargs touch")
        try await expectSizeAsFound()
    }

    /// Below the directories that stay open the rest of each level is found again.
    @Test func deepAndWide() async throws {
        try await makeChain(of: 300, files: 40)
        _ = try await shell(
            "cd t; for _ in $(seq 290); do cd -P d; done; seq 500 | sed 's,.*,&/a &/b,' | xargs mkdir -p"
        )
        try await expectSizeAsFound()
    }

    /// Everything counts, so there is a bound to what is looked at.
    @Test func nothingIsLookedAtBeyondTheLimit() async throws {
        _ = try await shell("cd t; seq 2000 | xargs touch")
        #expect(try TreeSize.measure("t", in: directory.descriptor, limit: 40_960) == 45_056)
        #expect(try TreeSize.measure("t", in: directory.descriptor, limit: 2000 * 4096) == 2000 * 4096)
        #expect(try TreeSize.measure("t", in: directory.descriptor, limit: 0) == 4096)
    }

    @Test func directoriesThatNobodyNeedsSoDeep() async throws {
        #expect(TreeSize.deepest == 4096)
        try await makeChain(of: 301)
        let parent = directory.descriptor
        let error = #expect(throws: SystemError.self) { try TreeSize.measure("t", in: parent, deepest: 300) }
        #expect(error?.number == ENAMETOOLONG)
        #expect(try TreeSize.measure("t", in: parent, deepest: 301) >= 301 * 4096)
        // A small limit is passed before.
        #expect(try TreeSize.measure("t", in: parent, limit: 1 << 20, deepest: 300) > 1 << 20)
    }

    /// Whose tree it is moves a part of it out and in again while it is being measured: what lies outside is never
    /// counted.
    @Test func whatIsMovedMeanwhileIsNoticed() async throws {
        try await makeChain(of: 1500, files: 1)
        try directory.write([UInt8](repeating: 1, count: 16 << 20), to: "outside")
        let directory = directory
        try await onThread {
            let isOver = Mutex(false)
            let mover = Waiter {
                let inside = directory("t") + String(repeating: "/d", count: 1000)
                while !isOver.withLock({ $0 }) {
                    rename(inside, directory("moved"))
                    rename(directory("moved"), inside)
                }
            }
            let result = Result {
                try blockUntil("a move is met") {
                    do {
                        let size = try TreeSize.measure("t", in: directory.descriptor)
                        #expect(size <= 1500 * 2 * 4096)
                        return false
                    } catch let error as SystemError {
                        return error.number == EBUSY
                    }
                }
            }
            isOver.withLock { $0 = true }
            try mover.get()
            try result.get()
        }
    }
}
