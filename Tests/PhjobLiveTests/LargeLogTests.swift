import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// A log of 200 MB, to the last byte.
@Suite struct LargeLogTests {
    @Test(arguments: LiveEngine.all) func twoHundredMegabytes(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine, weight: 3) { phjob in
            // Lines of 1000 bytes, each with its number, so that a lost or doubled one changes the sum.
            let script =
                #"awk 'BEGIN { x = sprintf("%990s", ""); gsub(/ /, "x", x); for (i = 0; i < 200000; i++) printf "%09d%s\n", i, x }'"#
            let id = try phjob.submit(script, "--instance-type", "one")
            let job = try phjob.end(of: id, within: 400)
            #expect(job.phase == .succeeded, "\(job.message)")
            #expect(job.log.incomplete == nil)
            // POSIX's cksum tells the sum and the number of bytes.
            let expected = try HostProcess.shell("\(script) | cksum", timeout: 200).output.text
            let actual = try phjob.shell("\"$PHJOB\" logs \(id) | cksum", timeout: 200).text
            #expect(actual == expected)
            #expect(actual.contains(" \(200_000 * 1000)"))
            let last = try phjob.log(id, "--tail", "1").text
            #expect(last.hasPrefix("000199999x"))
        }
    }
}
