package import Glibc
package import PhjobSystem
import Synchronization

/// A directory of a test's own, removed with all that is in it when the last reference goes.
///
/// Its path is short, as the address of a Unix socket holds 107 bytes. With `PHJOB_TEST_KEEP` in the environment it
/// stays.
package final class TemporaryDirectory: Sendable {
    package let path: String
    package let descriptor: Descriptor
    private let isKept = Atomic(getenv("PHJOB_TEST_KEEP") != nil)

    /// - Parameter parent: one that nobody but root may write to, where that matters.
    package init(in parent: String = "/tmp") throws {
        var template = Array("\(parent)/phjob-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw SystemError("cannot make a temporary directory") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        descriptor = try Directory.open(path)
    }

    deinit {
        guard !isKept.load(ordering: .relaxed), let slash = path.lastIndex(of: "/"),
            let parent = try? Directory.open(String(path[..<slash]))
        else { return }
        let name = String(path[path.index(after: slash)...])
        // Something that a test started may still write here for a moment, and so keep a directory from being empty.
        let deadline = Monotonic.now.adding(seconds: 5)
        while (try? TreeRemoval.remove(name, in: parent)) == nil, .now < deadline { usleep(20_000) }
    }

    /// From now on it stays, for somebody to look at.
    package func keep() { isKept.store(true, ordering: .relaxed) }

    /// The path of `name` in here.
    package func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a file.
    @discardableResult
    package func write(_ bytes: [UInt8], to name: String, mode: mode_t = 0o600) throws -> String {
        do {
            let file = try Descriptor(opening: self(name), flags: O_CREAT | O_TRUNC | O_WRONLY, mode: mode)
            try file.write(bytes)
            fchmod(file.number, mode)
        }
        if mode & 0o111 != 0 { try waitUntilItCanRun(name) }
        return self(name)
    }

    /// Copies a program, for everybody to run.
    @discardableResult
    package func copy(program: String, to name: String) throws -> String {
        let bytes = try Descriptor(opening: program, flags: O_RDONLY).readAll(limit: 1 << 30)
        return try write(bytes, to: name, mode: 0o755)
    }

    /// As long as anybody has a program open for writing it cannot be run (execve(2), `ETXTBSY`), and a child that another thread starts
    /// has it from its fork to its exec. A lease to read is given once nobody has (fcntl(2), `F_SETLEASE`).
    private func waitUntilItCanRun(_ name: String) throws {
        let file = try Descriptor(opening: self(name), flags: O_RDONLY)
        let (setLease, deadline) = (Int32(1024), Monotonic.now.adding(seconds: 5))
        while fcntl(file.number, setLease, F_RDLCK) != 0 {
            // Not every file system gives leases.
            guard errno == EAGAIN, .now < deadline else { return }
            usleep(1000)
        }
        _ = fcntl(file.number, setLease, F_UNLCK)
    }

    @discardableResult
    package func write(_ text: String, to name: String, mode: mode_t = 0o600) throws -> String {
        try write(Array(text.utf8), to: name, mode: mode)
    }

    package func append(_ bytes: [UInt8], to name: String) throws {
        try Descriptor(opening: self(name), flags: O_CREAT | O_APPEND | O_WRONLY).write(bytes)
    }

    package func read(_ name: String) throws -> [UInt8] {
        try Descriptor(opening: self(name), flags: O_RDONLY).readAll(limit: 1 << 30)
    }

    package func text(_ name: String) throws -> String {
        String(decoding: try read(name), as: UTF8.self)
    }

    /// The names in here, or in the directory `name` in here, in order.
    package func names(_ name: String = ".") throws -> [String] {
        try Directory.names(in: Directory.open(self(name))).sorted()
    }

    /// lstat(2) of `name`; nil if there is none.
    package func status(_ name: String) -> stat? {
        var status = stat()
        return lstat(self(name), &status) == 0 ? status : nil
    }

    /// The permission bits of `name`; nil if there is none.
    package func mode(_ name: String) -> mode_t? {
        status(name).map { $0.st_mode & 0o7777 }
    }
}
