import Testing

@testable import PhjobHTTP

struct HeadCollectorTests {
    /// A head of exactly `size` bytes, its empty line included, of which the request line alone has as many as may be.
    private static func head(_ size: Int, longLine: Bool) -> [UInt8] {
        let frame = longLine ? "GET / HTTP/1.1\r\n\r\n" : "GET / HTTP/1.1\r\nA: \r\n\r\n"
        let filler = String(repeating: "a", count: size - frame.utf8.count)
        return Array(
            (longLine ? "GET /\(filler) HTTP/1.1\r\n\r\n" : "GET / HTTP/1.1\r\nA: \(filler)\r\n\r\n").utf8)
    }

    private static func feed(_ bytes: [UInt8], limit: Int, step: Int) -> Result<(Int, Bool), HTTPError> {
        var collector = HeadCollector(limit: limit)
        var taken = 0
        var isComplete = false
        do throws(HTTPError) {
            while taken < bytes.count, !isComplete {
                let piece = Array(bytes[taken..<min(bytes.count, taken + step)])
                let (count, isEnd) = try piece.withUnsafeBufferPointer { (piece) throws(HTTPError) in
                    try collector.feed(UnsafeRawBufferPointer(piece))
                }
                taken += count
                isComplete = isEnd
            }
            return .success((taken, isComplete))
        } catch {
            return .failure(error)
        }
    }

    @Test(arguments: [1, 7, 100_000], [true, false])
    func exactlyTheBoundPassesAndOneByteMoreDoesNot(_ step: Int, _ longLine: Bool) throws {
        let limit = 16 * 1024
        let (taken, isComplete) = try Self.feed(Self.head(limit, longLine: longLine), limit: limit, step: step).get()
        #expect(taken == limit && isComplete)
        let refusal = #expect(throws: HTTPError.self) {
            try Self.feed(Self.head(limit + 1, longLine: longLine), limit: limit, step: step).get()
        }
        #expect(refusal == .headTooLarge(limit: limit))
        // As soon as it is known, and by the line that is too long.
        let line = Array("GET /".utf8) + [UInt8](repeating: UInt8(ascii: "a"), count: limit - 5)
        #expect(try Self.feed(line, limit: limit, step: step).get() == (limit, false))
        let long = #expect(throws: HTTPError.self) {
            try Self.feed(line + [UInt8(ascii: "a")], limit: limit, step: step).get()
        }
        #expect(long == .targetTooLong(limit: limit))
    }

    /// A trailer's bound is its own, and none of it is a request line.
    @Test func trailersHaveTheSameBound() throws {
        for (size, passes) in [(64, true), (65, false)] {
            var collector = HeadCollector(limit: 64, isTrailer: true)
            let bytes = Array("A: \(String(repeating: "a", count: size - 7))\r\n\r\n".utf8)
            let result = Result { () throws(HTTPError) in
                try bytes.withUnsafeBufferPointer { (bytes) throws(HTTPError) in
                    try collector.feed(UnsafeRawBufferPointer(bytes))
                }
            }
            #expect((try? result.get().isComplete) == (passes ? true : nil))
        }
    }
}
