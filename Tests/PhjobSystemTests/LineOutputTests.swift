import Glibc
import PhjobTestSupport
import Testing

@testable import PhjobSystem

/// Lines for a reader who is slow, or has stopped.
@Suite struct LineOutputTests {
    private static let gap: @Sendable (Int) -> String = { "dropped \($0)\n" }

    private static func readAll(_ pipe: Pipe) throws -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while try Poll.readable([pipe.readEnd.number], until: Monotonic.now.adding(seconds: 0.2)) == [true] {
            let count = read(pipe.readEnd.number, &buffer, buffer.count)
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func lineIsOutAtOnce() throws {
        let pipe = try Pipe()
        LineOutput(descriptor: pipe.writeEnd.number).write("line\n", gap: Self.gap)
        var buffer = [UInt8](repeating: 0, count: 64)
        #expect(read(pipe.readEnd.number, &buffer, buffer.count) == 5)
    }

    @Test(.timeLimit(.minutes(30))) func nobodyWaitsForAReaderThatHasStopped() throws {
        let pipe = try Pipe()
        let output = LineOutput(descriptor: pipe.writeEnd.number)
        let line = String(repeating: "x", count: 199) + "\n"
        // Fills the pipe, then the room for lines that wait, then overflows.
        let count = (64 << 10) / 200 + LineOutput.capacity + 5000
        for _ in 0..<count { output.write(line, gap: Self.gap) }
        output.flush(within: 0.01)
        var text = try Self.readAll(pipe)
        output.write("after\n", gap: Self.gap)
        output.flush(within: patience)
        text += try Self.readAll(pipe)
        let lines = text.split(separator: "\n")
        let whole = lines.count { $0.count == 199 }
        let dropped = lines.compactMap { $0.hasPrefix("dropped ") ? Int($0.dropFirst(8)) : nil }.reduce(0, +)
        #expect(dropped > 0 && whole + dropped == count)
        #expect(lines.last == "after")
    }

    @Test func longLinesStayWholeAndInOrder() async throws {
        let pipe = try Pipe()
        let output = LineOutput(descriptor: pipe.writeEnd.number)
        let long = String(repeating: "y", count: 300_000) + "\n"
        for line in ["first\n", long, "second\n"] { output.write(line, gap: Self.gap) }
        #expect(try Self.readAll(pipe) == "first\n" + long + "second\n")
    }

    @Test func nonBlockingDescriptorLosesNothing() throws {
        let pipe = try Pipe()
        _ = fcntl(pipe.writeEnd.number, F_SETFL, O_NONBLOCK)
        let output = LineOutput(descriptor: pipe.writeEnd.number)
        let line = String(repeating: "z", count: 999) + "\n"
        for _ in 0..<500 { output.write(line, gap: Self.gap) }
        #expect(try Self.readAll(pipe).utf8.count == 500_000)
    }
}
