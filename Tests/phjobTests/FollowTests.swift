import Glibc
import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobSystem
import Synchronization
import Testing

@testable import phjob

@Suite struct FollowTests {
    private static func ok(_ value: some Encodable) throws -> HTTPResponse { try JSONBody.response(.ok, value) }

    private static func waited(_ jobs: JobView...) throws -> HTTPResponse {
        try ok(WaitAnswer(items: jobs, timedOut: false))
    }

    @Test func runPrintsTheLogAndEndsWithTheJobsCode() throws {
        let bytes = [UInt8]((0...255).map { $0 })
        let failed = SampleView.ended(.failed, .nonZeroExit, code: 7)
        let api = try FakeAPI { exchange in
            switch exchange.summary {
            case "POST jobs": return try Self.ok(SampleView.waiting)
            case "GET jobs/job-202611210727-000000/logs":
                #expect(exchange.request.queryValue("follow") == "1")
                try exchange.stream([Array("one\n".utf8), bytes, Array("no newline".utf8)])
                return nil
            case "GET wait": return try Self.waited(failed)
            default: return nil
            }
        }
        let world = try TestWorld()
        world.api = api
        #expect(try world.run("run -- ls") == 7)
        #expect(world.output.bytes == Array("one\n".utf8) + bytes + Array("no newline".utf8))
        #expect(world.errors.text.contains("Failed: the command ended with exit code 7"))
    }

    @Test func aTerminalGetsNoControlsUnlessRawIsAskedFor() throws {
        let api = try FakeAPI { exchange in
            try exchange.stream([Array("\u{1B}[2J\u{1B}[1mx\u{1B}[0m\n".utf8)])
            return nil
        }
        let world = try TestWorld()
        world.api = api
        world.terminal = TerminalFacts(columns: 80, rows: 24, hasColor: true)
        #expect(try world.run("logs job-202611210727-000000") == 0)
        #expect(try world.run("logs --raw job-202611210727-000000") == 0)
        #expect(world.output.text == "\\x1b[2J\u{1B}[1mx\u{1B}[0m\n\u{1B}[2J\u{1B}[1mx\u{1B}[0m\n")
    }

    @Test func anIncompleteOrExpiredLogIsTold() throws {
        let api = try FakeAPI { exchange in
            guard exchange.request.target.segments[2] == "old" else {
                try exchange.stream([Array("x\n".utf8)], trailers: [LogOptions.incompleteTrailer: "the disk was full"])
                return nil
            }
            throw PhjobError(.expired, "the log of old has expired", hint: "the record is kept")
        }
        let world = try TestWorld()
        world.api = api
        #expect(try world.run("logs new") == 0)
        #expect(world.errors.text == "phjob: warning: the log may lack lines: the disk was full\n")
        #expect(try world.run("logs old") == 1)
        #expect(world.errors.text.hasSuffix("phjob: the log of old has expired; the record is kept\n"))
    }

    @Test(arguments: [(SIGINT, 130), (SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
    func aSignalLeavesTheJobAndSaysHowToComeBack(signal: Int32, status: Int32) throws {
        let wakeup = try Wakeup()
        let api = try FakeAPI { exchange in
            switch exchange.summary {
            case "POST jobs": return try Self.ok(SampleView.waiting)
            default:
                let writer = try exchange.startStreaming()
                try writer.write(Array("begun\n".utf8))
                wakeup.signal()
                _ = exchange.wait()
                return nil
            }
        }
        let world = try TestWorld()
        world.api = api
        world.interrupts = Interrupts(descriptor: wakeup.descriptor.number, next: { signal })
        #expect(try world.run("run -- ls") == status)
        #expect(world.errors.text.contains("to come back:  phjob logs --follow job-202611210727-000000\n"))
        #expect(world.errors.text.contains("to cancel:     phjob cancel job-202611210727-000000\n"))
        #expect(api.requests.allSatisfy { !$0.hasSuffix("/cancel") })
    }

    @Test func aSignalCancelsTheJobIfThatIsAskedFor() throws {
        let wakeup = try Wakeup()
        let cancelled = SampleView.ended(.cancelled, .cancelledByUser, code: 143)
        let counter = Counter()
        let api = try FakeAPI { exchange in
            switch exchange.summary {
            case "POST jobs": return try Self.ok(SampleView.waiting)
            case "POST jobs/job-202611210727-000000/cancel": return try Self.ok(SampleView.running)
            case "GET wait": return try Self.waited(cancelled)
            default:
                guard counter.next() == 1 else {
                    try exchange.stream([Array("begun\nstopped\n".utf8)])
                    return nil
                }
                let writer = try exchange.startStreaming()
                try writer.write(Array("begun\n".utf8))
                wakeup.signal()
                _ = exchange.wait()
                return nil
            }
        }
        let world = try TestWorld()
        world.api = api
        world.interrupts = Interrupts(
            descriptor: wakeup.descriptor.number,
            next: {
                wakeup.drain()
                return SIGTERM
            })
        #expect(try world.run("run --cancel-on-interrupt -- ls") == 120)
        #expect(world.output.text == "begun\nstopped\n")
        #expect(api.requests.contains("POST jobs/job-202611210727-000000/cancel"))
    }

    /// The job does not go on: it is being cancelled.
    @Test func aSecondSignalLeavesAJobThatIsBeingCancelled() throws {
        let wakeup = try Wakeup()
        let api = try FakeAPI { exchange in
            switch exchange.summary {
            case "POST jobs": return try Self.ok(SampleView.waiting)
            case "POST jobs/job-202611210727-000000/cancel": return try Self.ok(SampleView.running)
            default:
                let writer = try exchange.startStreaming()
                try writer.write(Array("begun\n".utf8))
                wakeup.signal()
                _ = exchange.wait()
                return nil
            }
        }
        let world = try TestWorld()
        world.api = api
        world.interrupts = Interrupts(
            descriptor: wakeup.descriptor.number,
            next: {
                wakeup.drain()
                return SIGINT
            })
        #expect(try world.run("run --cancel-on-interrupt -- ls") == 130)
        #expect(
            world.errors.text.hasSuffix(
                """
                phjob: cancelling job-202611210727-000000, and waiting for the end
                phjob: left before the end; the job is being cancelled
                  to see how it ends:  phjob wait job-202611210727-000000

                """), "\(world.errors.text)")
        #expect(!world.errors.text.contains("goes on"))
        #expect(api.requests.count { $0.hasSuffix("/cancel") } == 1)
    }

    @Test func aConnectionThatBreaksIsTakenUpAgainWhereItWas() throws {
        let counter = Counter()
        let api = try FakeAPI { exchange in
            switch exchange.summary {
            case "GET wait": return try Self.waited(SampleView.succeeded)
            default:
                let text = Array("one\ntwo\nthree\n".utf8)
                guard counter.next() > 2 else {
                    // Ends without the end of its body.
                    try exchange.startStreaming().write(Array(text[..<6]))
                    return nil
                }
                try exchange.stream([Array(text[..<5]), Array(text[5...])])
                return nil
            }
        }
        let world = try TestWorld()
        world.api = api
        #expect(try world.run("logs --follow --exit-code job-202611210727-000000") == 0)
        #expect(world.output.text == "one\ntwo\nthree\n")
    }

    @Test func selectorsAreSettledOnce() throws {
        let api = try FakeAPI { exchange in
            switch exchange.summary {
            case "GET jobs/@": return try Self.ok(SampleView.running)
            case "GET wait":
                #expect(exchange.request.queryValues("job") == ["job-202611210727-000000"])
                #expect((exchange.request.queryValue("timeout").flatMap { Int($0) } ?? 0) == 90)
                return try Self.ok(WaitAnswer(items: [SampleView.running], timedOut: true))
            default: return nil
            }
        }
        let world = try TestWorld()
        world.api = api
        #expect(try world.run("wait --timeout 90s @") == 124)
    }

    @Test func waitPrintsWhatItIsAskedFor() throws {
        let jobs = [
            SampleView.ended(.succeeded, .completed, code: 0, number: 1),
            SampleView.ended(.failed, .nonZeroExit, code: 9, number: 2),
        ]
        let api = try FakeAPI { _ in try Self.ok(WaitAnswer(items: jobs, timedOut: false)) }
        let world = try TestWorld()
        world.api = api
        let ids = jobs.map(\.id.text)
        #expect(try world.run("wait -q \(ids.joined(separator: " "))") == 9)
        #expect(world.output.text == ids.map { "\($0)\n" }.joined())
        #expect(world.errors.text == "")
    }
}

/// Counts calls from several threads.
final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    func next() -> Int { value.add(1, ordering: .sequentiallyConsistent).newValue }
}
