import Glibc
import PhjobAPI
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import phjob

@Suite struct DescriptorSinkTests {
    /// A pipe's ends, reading first.
    private static func pipe(flags: Int32 = 0) throws -> (Descriptor, Descriptor) {
        var ends: [Int32] = [-1, -1]
        try retrying("cannot make a pipe") { Glibc.pipe(&ends) }
        try retrying("cannot set the pipe up") { fcntl(ends[1], F_SETFL, flags) }
        return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    }

    @Test(arguments: [0, O_NONBLOCK], [false, true]) func aSlowReaderGetsEveryByte(flags: Int32, isInterruptible: Bool)
        async throws
    {
        let (reading, writing) = try Self.pipe(flags: flags)
        let wakeup = try Wakeup()
        let bytes = (0..<1_000_003).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        async let received = onThread { try reading.readAll(limit: 2_000_000) }
        let descriptor = try retrying("cannot copy") { fcntl(writing.number, F_DUPFD_CLOEXEC, 3) }
        try await onThread {
            let copy = Descriptor(owning: descriptor)
            let sink = DescriptorSink(descriptor: copy.number)
            let interrupt = isInterruptible ? wakeup.descriptor.number : nil
            try bytes.withUnsafeBytes { try sink.write($0, interrupt: interrupt) }
            // The reader comes to an end with the last writer.
            let null = try Descriptor(opening: "/dev/null", flags: O_WRONLY)
            try retrying("cannot close") { dup2(null.number, writing.number) }
        }
        #expect(try await received == bytes)
    }

    @Test func aReaderThatDoesNotReadHoldsUpNoSignal() async throws {
        let (reading, writing) = try Self.pipe()
        let wakeup = try Wakeup()
        await #expect(throws: APIClient.Interrupted.self) {
            async let writer: Void = onThread {
                let bytes = [UInt8](repeating: 1, count: 1 << 20)
                try bytes.withUnsafeBytes {
                    try DescriptorSink(descriptor: writing.number).write($0, interrupt: wakeup.descriptor.number)
                }
            }
            wakeup.signal()
            try await writer
        }
        withExtendedLifetime(reading) {}
    }
}
