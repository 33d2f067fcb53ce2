import Foundation
import PhjobSystem
import PhjobTestSupport
import Testing

/// The readdir(3) of this process.
@Suite(.timeLimit(.minutes(30))) struct WholeDirectoryEntriesTests {
    /// Foundation's is found as the dynamic linker finds it for any library.
    @Test func librariesCallOurs() throws {
        let libc = try #require(dlopen("libc.so.6", RTLD_NOW))
        defer { dlclose(libc) }
        let theirs = try #require(dlsym(libc, "readdir"))
        let found = try #require(dlsym(nil, "readdir"))
        #expect(found != theirs)
    }

    @Test(arguments: [0, 1, 3000])
    func listsEverything(_ count: Int) throws {
        let directory = try TemporaryDirectory()
        let names = Set((0..<count).map { String(repeating: "n", count: $0 % 250) + "\($0)" })
        for name in names { try directory.write("", to: name) }
        #expect(Set(try FileManager.default.contentsOfDirectory(atPath: directory.path)) == names)
        #expect(Set(try Directory.names(in: Directory.open(directory.path))) == names)
    }

    /// Each record may be read as long as it is declared, wherever the listing's buffer ends, and while others are read.
    @Test func recordsAreAsLongAsTheyAreDeclared() throws {
        let directory = try TemporaryDirectory()
        for name in 0..<2000 { try directory.write("", to: "\(name)") }
        let listing = try #require(opendir(directory.path))
        let other = try #require(opendir("/"))
        defer { [listing, other].forEach { closedir($0) } }
        let (start, size) = (UInt(bitPattern: UnsafeMutableRawPointer(listing)), UInt(64 << 10))
        var names = Set<String>()
        while let entry = readdir(listing) {
            #expect(readdir(other).map { $0 != entry } ?? true)
            #expect(!(start..<start + size).contains(UInt(bitPattern: entry)))
            var name = entry.pointee.d_name
            names.insert(withUnsafeBytes(of: &name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        #expect(names == Set((0..<2000).map(String.init) + [".", ".."]))
    }

    @Test func programsStartWhileManyDescriptorsAreOpen() async throws {
        OpenFileLimit.raise(to: 65_536)
        let null = try Descriptor(opening: "/dev/null", flags: O_RDONLY)
        let many = (0..<1500).map { _ in Descriptor(owning: fcntl(null.number, F_DUPFD_CLOEXEC, 0)) }
        #expect(many.allSatisfy { $0.number >= 0 })
        let child = ChildProcess(ProcessCommand("/bin/true", []), timeout: patience)
        let ends = try await onThread {
            // What is held brings the listing's buffer to every place before the end of this thread's heap.
            var held = [malloc(100 << 10)]
            defer { held.forEach { free($0) } }
            return try (0..<64).map { _ in
                held.append(malloc(200))
                return try child.run().status
            }
        }
        #expect(ends == Array(repeating: .exited(0), count: 64))
    }
}
