import PhjobCore
import PhjobEngine
import PhjobStore

/// Logs: what jobs print is theirs to choose, and engines may have torn or cut it.
enum LogLayer: FuzzLayer {
    static let name = "log"

    static func run(_ random: inout Randomness) throws(Violation) -> Bool {
        let isDocker = random.happens(onceIn: 2)
        var printed: [UInt8] = []
        var bytes: [UInt8] = []
        for _ in 0..<random.number(0...6) {
            let text = (0..<random.length(40)).map { _ in UInt8.random(in: 0x20...0x7e, using: &random) }
            // docker's is turned into what its client prints, which has the time before each line.
            printed += (isDocker ? Array("\(time) ".utf8) : []) + text + [0x0a]
            bytes += isDocker ? dockerLine(text) : Array("\(time) stdout F ".utf8) + text + [0x0a]
        }
        let isChanged = !random.happens(onceIn: 3)
        if isChanged { bytes = Mutation.bytes(bytes, &random) }
        guard !isDocker else {
            let decoded = decode([bytes[...]])
            try Check.equal(decode(random.pieces(of: bytes)), decoded, "docker's log in pieces and in one")
            try Check.isTrue(decoded.count <= bytes.count * 2, "\(decoded.count) bytes from \(bytes.count)")
            if !isChanged { try Check.equal(decoded, printed, "what was printed") }
            return decoded == printed
        }
        var options = LogRenderer.Options(timestamps: random.happens(onceIn: 4))
        if random.happens(onceIn: 4) { options.since = Timestamp(milliseconds: 1_795_246_053_125) }
        let shown = render([bytes[...]], options)
        try Check.equal(render(random.pieces(of: bytes), options), shown, "what is shown in pieces and in one")
        if !isChanged, options == LogRenderer.Options() { try Check.equal(shown, printed, "what was printed") }
        return shown == printed
    }

    private static let time = "2026-11-21T07:27:33.125000001Z"

    private static func dockerLine(_ text: [UInt8]) -> [UInt8] {
        let escaped = text.flatMap { byte in byte == 0x22 || byte == 0x5c ? [0x5c, byte] : [byte] }
        return Array(#"{"log":""#.utf8) + escaped
            + Array(#"\n","stream":"stdout","time":"\#(time)"}"#.utf8) + [0x0a]
    }

    private static func decode(_ pieces: [ArraySlice<UInt8>]) -> [UInt8] {
        var decoder = DaemonLogDecoder()
        return pieces.flatMap { piece in piece.withUnsafeBytes { decoder.decode($0) } }
    }

    private static func render(_ pieces: [ArraySlice<UInt8>], _ options: LogRenderer.Options) -> [UInt8] {
        var renderer = LogRenderer(options)
        var output: [UInt8] = []
        for piece in pieces { piece.withUnsafeBytes { renderer.append($0) { output += $0 } } }
        renderer.finish { output += $0 }
        return output
    }
}
