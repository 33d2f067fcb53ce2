import Foundation
import PhjobSystem
import PhjobTestSupport
import Synchronization
import Testing

/// What a program prints: bounded, in order, handed on.
@Suite(.timeLimit(.minutes(30))) struct ChildProcessOutputTests {
    @Test(arguments: [(999, false), (1000, false), (1001, true), (200_000, true)])
    func outputIsKeptUpToItsBound(_ count: Int, isCut: Bool) async throws {
        let result = try await runShell(
            "head -c \(count) /dev/zero; head -c \(count) /dev/zero >&2", captureLimit: 1000)
        for capture in [result.output, result.errors] {
            #expect(capture.bytes.count == min(count, 1000))
            #expect(capture.isCut == isCut)
        }
    }

    @Test func nothingIsKeptWithABoundOfNothing() async throws {
        let result = try await runShell("echo x", captureLimit: 0)
        #expect(result.output == ProcessResult.Capture(bytes: [], isCut: true))
    }

    @Test func mergedErrorsStayInOrder() async throws {
        let result = try await runShell(
            "i=0; while [ $i -lt 300 ]; do echo o$i; echo e$i >&2; i=$((i+1)); done", mergingErrors: true)
        #expect(result.output.text == (0..<300).map { "o\($0)\ne\($0)\n" }.joined())
        #expect(result.errors == ProcessResult.Capture())
    }

    @Test func bytesArriveAsTheyAre() async throws {
        let result = try await runShell(#"printf '\000\377\033[31m\r\n\200'"#)
        #expect(result.output.bytes == [0, 0xff, 0x1b] + Array("[31m\r\n".utf8) + [0x80])
    }

    /// The last bytes are there, though the program's end and its output are seen side by side.
    @Test func theLastBytesAreNeverLost() async throws {
        try await onThread {
            for round in 0..<50 {
                let result = try shellScript("head -c 65536 /dev/zero; echo \(round) >&2").run()
                #expect(result.output.bytes.count == 65536)
                #expect(result.errors.text == "\(round)\n")
            }
        }
    }

    @Test func handlerTakesTheOutputInPlaceOfTheResult() async throws {
        let (result, bytes) = try await onThread {
            var bytes: [UInt8] = []
            let result = try shellScript("seq 20000; echo err >&2").run { bytes.append(contentsOf: $0) }
            return (result, bytes)
        }
        #expect(bytes == Array((1...20000).map { "\($0)\n" }.joined().utf8))
        #expect(result.output == ProcessResult.Capture())
        #expect(result.errors.text == "err\n")
    }

    @Test func handlerThatThrowsStopsTheProgramAndIsNotCalledAgain() async throws {
        struct Refusal: Error, Equatable {}
        let calls = Mutex(0)
        let printed = Mutex<pid_t?>(nil)
        await #expect(throws: Refusal.self) {
            try await onThread {
                try shellScript("trap 'echo stopping; exit 0' TERM; echo $$; while :; do sleep 0.05; done").run {
                    bytes in
                    calls.withLock { $0 += 1 }
                    let text = String(decoding: bytes, as: UTF8.self)
                    printed.withLock { $0 = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)) }
                    throw Refusal()
                }
            }
        }
        #expect(calls.withLock { $0 } == 1)
        let pid = try #require(printed.withLock { $0 })
        #expect(!HostProcess.isAlive(pid))
    }

    /// In a process of its own, as memory is counted by process.
    @Test func greatOutputTakesLittleMemory() async {
        await #expect(processExitsWith: .success) {
            try await onThread {
                let result = try shellScript("head -c 300000000 /dev/zero").run()
                #expect(result.isSuccess)
                #expect(result.output.bytes.count == 1 << 20)
                #expect(result.output.isCut)
                var count = 0
                _ = try shellScript("head -c 300000000 /dev/zero").run { count += $0.count }
                #expect(count == 300_000_000)
                #expect(try HostProcess.peakMemory() < 200 << 20)
            }
        }
    }
}
