/// Small changes of valid inputs.
enum Mutation {
    /// Pieces that parsers look for, or stumble over.
    private static let interesting: [[UInt8]] =
        [
            "\r\n", "\n", "\r", "\0", " ", "\t", ":", "%", "%00", "%2e%2e", "chunked", "Content-Length: 5\r\n",
            "\r\n\r\n",
            "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "7fffffffffffffff", "ffffffffffffffff",
            "0\r\n\r\n",
            "HTTP/1.1", "HTTP/1.0", "?", "&", "=", "/../", "Expect: 100-continue\r\n", "\"", "\\", "\\u", "\\ud800",
            "\\u0000",
            "{", "}", "[", "]", ",", "null", "true", "-", "1e400", "-0", "9223372036854775807", "9223372036854775808",
            "0.1e-999", "00", "/*", "*/", "//", "'", "\u{1b}[2J", "\u{202e}", "@~", "9999999999999999999999", "1G",
            "-1s",
            "2026-11-21T07:27:33Z", "9999-12-31T23:59:59.999Z", "0000-00-00T00:00:00Z",
        ].map { Array($0.utf8) } + [
            [0xff], [0x80], [0xef, 0xbb, 0xbf], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
        ]

    static func bytes(_ input: [UInt8], _ random: inout Randomness) -> [UInt8] {
        var input = input
        for _ in 0..<random.one(of: [1, 1, 1, 2, 3, 8]) { change(&input, &random) }
        return input
    }

    private static func change(_ input: inout [UInt8], _ random: inout Randomness) {
        let index = random.number(0...input.count)
        guard index < input.count else { return input += random.one(of: interesting) }
        switch random.number(0...8) {
        case 0: input[index] = UInt8.random(in: 0...255, using: &random)
        case 1: input[index] ^= 1 << UInt8(random.number(0...7))
        case 2: input.remove(at: index)
        case 3: input.removeSubrange(index..<min(input.count, index + random.length(40)))
        case 4: input.removeLast(input.count - index)
        case 5, 6: input.insert(contentsOf: random.one(of: interesting), at: index)
        case 7: input.insert(contentsOf: input[index...].prefix(random.length(40)), at: index)
        default:
            let byte = random.one(of: Array("[{\"0\\ ,e%a".utf8))
            input.insert(contentsOf: repeatElement(byte, count: random.length(60)), at: index)
        }
    }
}
