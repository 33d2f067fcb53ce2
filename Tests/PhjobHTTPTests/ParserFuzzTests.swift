import Testing

@testable import PhjobHTTP

/// Changes valid requests at random, always in the same way, and gives them to the parser in random pieces.
@Suite struct ParserFuzzTests {
    /// SplitMix64.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    private static let interesting: [[UInt8]] =
        [
            "\r\n", "\n", "\r", "\0", " ", ":", "%", "%00", "chunked", "Content-Length: 5\r\n",
            "Transfer-Encoding: chunked\r\n",
            "7fffffffffffffff", "ffffffffffffffff", "0\r\n\r\n", "HTTP/1.1", "?", "&", "=", "/../",
            "Expect: 100-continue\r\n",
        ].map { Array($0.utf8) } + [[0xFF], [0x80]]

    @Test func neverCrashesNorReadsBeyond() {
        var generator = Generator(state: 42)
        var (accepted, refused) = (0, 0)
        for _ in 0..<20_000 {
            var input = Array(HTTPRequestParserTests.requests.randomElement(using: &generator)!.utf8)
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                mutate(&input, &generator)
            }
            do {
                var parser = HTTPRequestParser(limits: HTTPRequestParserTests.limits)
                let requests = try parseAll(pieces(of: input, &generator), &parser)
                accepted += requests.count
                #expect(requests.allSatisfy { $0.body.count <= HTTPRequestParserTests.limits.bodyBytes })
            } catch {
                refused += 1
                #expect((error as? HTTPError)?.status != nil)
            }
        }
        #expect(accepted > 2_000 && refused > 2_000)
    }

    private func mutate(_ input: inout [UInt8], _ generator: inout Generator) {
        guard !input.isEmpty else {
            return
        }
        let index = Int.random(in: 0..<input.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: input[index] = UInt8.random(in: 0...255, using: &generator)
        case 1: input.remove(at: index)
        case 2: input.removeLast(input.count - index)
        case 3: input.insert(contentsOf: Self.interesting.randomElement(using: &generator)!, at: index)
        default: input.insert(contentsOf: input[index...].prefix(20), at: index)
        }
    }

    private func pieces(of input: [UInt8], _ generator: inout Generator) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = input[...]
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...40, using: &generator))
            pieces.append(Array(piece))
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }
}
