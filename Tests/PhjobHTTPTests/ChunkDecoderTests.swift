import Testing

@testable import PhjobHTTP

@Suite struct ChunkDecoderTests {
    /// What decoding pieces one after another came to.
    private struct Decoding {
        var decoder = ChunkDecoder(headLimit: 128, fieldLimit: 3)
        var body: [UInt8] = []
        var left = 0

        mutating func feed(_ piece: UnsafeRawBufferPointer) throws {
            var start = 0
            while start < piece.count && !decoder.isComplete {
                let rest = UnsafeRawBufferPointer(rebasing: piece[start...])
                let (taken, data) = try decoder.next(rest)
                #expect(data.upperBound <= taken && taken <= rest.count && taken > 0)
                body.append(contentsOf: rest[data])
                start += taken
            }
            left += piece.count - start
        }
    }

    private func decode(_ pieces: [[UInt8]]) throws -> Decoding {
        var decoding = Decoding()
        for piece in pieces {
            try piece.withUnsafeBytes { try decoding.feed($0) }
        }
        return decoding
    }

    @Test func decodesHoweverSplit() throws {
        let text =
            "5\r\nhello\r\n0001;a=b;c\r\n \r\nfF\r\n" + String(repeating: "x", count: 255)
            + "\r\n000\r\nA: b\r\nC: d\r\n\r\nNEXT"
        let input = Array(text.utf8)
        for split in 0...input.count {
            let decoding = try decode([Array(input[..<split]), Array(input[split...])])
            #expect(decoding.body == Array(("hello " + String(repeating: "x", count: 255)).utf8))
            #expect(decoding.decoder.isComplete && decoding.left == 4)
            #expect(decoding.decoder.trailers == ["A": "b", "C": "d"])
        }
        let bytewise = try decode(input.map { [$0] })
        #expect(bytewise.decoder.isComplete && bytewise.body.count == 261)
    }

    @Test func refusesFloodsOfExtensions() throws {
        let chunk = "1;" + String(repeating: "e", count: 1000) + "\r\nx\r\n"
        let few = String(repeating: chunk, count: ChunkDecoder.overheadLimit / 1000)
        #expect(try decode([Array((few + "0\r\n\r\n").utf8)]).decoder.isComplete)
        let flood = Array(String(repeating: chunk, count: 100).utf8)
        for split in [0, 17, flood.count / 2] {
            #expect(throws: HTTPError.malformed(.chunkOverhead)) {
                try decode([Array(flood[..<split]), Array(flood[split...])])
            }
        }
        // Data makes up for them, and small chunks are nobody's fault.
        let large = "400;" + String(repeating: "e", count: 1000) + "\r\n" + String(repeating: "x", count: 1024) + "\r\n"
        #expect(try decode([Array(String(repeating: large, count: 100).utf8)]).body.count == 102_400)
        let small = Array(String(repeating: "1\r\nx\r\n", count: 20_000).utf8)
        #expect(try decode([small]).body.count == 20_000)
    }

    @Test(arguments: [
        ("", HTTPFault?.none), ("5", nil), ("5\r\nhel", nil), ("5\r\nhello\r\n0\r\n", nil),
        ("\r\n", .chunkSize), ("g\r\n", .chunkSize), ("-1\r\n", .chunkSize), ("5 \r\n", .chunkSize),
        ("5\n", .chunkSize),
        ("5\rx", .chunkSize), ("0x5\r\n", .chunkSize), (";a\r\n", .chunkSize), ("8000000000000000\r\n", .chunkSize),
        ("fffffffffffffffff\r\n", .chunkSize), ("00000000000000005\r\n", .chunkSize),
        ("5;a\n", .chunkExtension), ("5;a\u{0}\r\n", .chunkExtension),
        ("5;" + String(repeating: "a", count: 1025) + "\r\n", .chunkExtension),
        ("1\r\nab", .chunkEnd), ("1\r\na\n", .chunkEnd), ("1\r\na\rb", .chunkEnd),
        ("0\r\nA\r\n\r\n", .fieldLine), ("0\r\nA: b\n\r\n", .bareLineFeed), ("0\r\n A: b\r\n\r\n", .foldedField),
    ])
    func findsFaults(_ text: String, _ fault: HTTPFault?) throws {
        let input = Array(text.utf8)
        for split in 0...input.count {
            let pieces = [Array(input[..<split]), Array(input[split...])]
            if let fault {
                #expect(throws: HTTPError.malformed(fault)) { try decode(pieces) }
            } else {
                #expect(try !decode(pieces).decoder.isComplete)
            }
        }
    }

    @Test func boundsTrailers() {
        let long = "0\r\nA: " + String(repeating: "b", count: 200)
        #expect(throws: HTTPError.headTooLarge(limit: 128)) { try decode([Array(long.utf8)]) }
        let many = "0\r\n" + String(repeating: "A: b\r\n", count: 4) + "\r\n"
        #expect(throws: HTTPError.tooManyFields(limit: 3)) { try decode([Array(many.utf8)]) }
    }
}
