import Glibc
import PhjobTestSupport
import Testing

@testable import PhjobSystem

/// The open files and the mounts of a process, as the kernel tells them.
@Suite struct ProcessFilesTests {
    @Test func openFiles() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("", to: "a file")
        let file = try Descriptor(opening: path, flags: O_RDONLY)
        #expect(ProcessFiles.open(in: getpid()).contains(path))
        unlink(path)
        #expect(ProcessFiles.open(in: getpid()).contains("\(path) (deleted)"))
        withExtendedLifetime(file) {}
        #expect(ProcessFiles.open(in: pid_t.max).isEmpty)
    }

    @Test func mounts() {
        let listing = """
            21 1 8:1 / / rw,relatime - ext4 /dev/root rw
            64 21 8:1 /var/a\\040b\\134/jobs/x/run//deleted /run/phjob ro - ext4 /dev/root rw
            broken line

            """
        #expect(ProcessFiles.mounted(listing) == ["/", "/var/a b\\/jobs/x/run//deleted"])
        #expect(ProcessFiles.mounted("").isEmpty)
        #expect(!ProcessFiles.mounted(in: getpid()).isEmpty && ProcessFiles.mounted(in: pid_t.max).isEmpty)
    }
}
