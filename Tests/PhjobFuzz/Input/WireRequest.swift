import PhjobHTTP

/// A valid request, and one of the many ways in which it can go over the wire. Written here anew, so that what the server
/// understands is compared with something other than itself.
struct WireRequest {
    var method: String
    var segments: [String]
    var query: [HTTPQueryItem]
    var fields: [(name: String, value: String)]
    var body: [UInt8]

    init(_ random: inout Randomness) {
        method = random.one(of: ["GET", "GET", "POST", "POST", "DELETE", "M-SEARCH", "x"])
        let known = ["v1", "jobs", "@", "@~1", "logs", "wait", "job-202611210727-0a1b2c", "rerun", "cancel"]
        segments = (0..<random.number(1...4)).map { _ in
            let text = random.happens(onceIn: 4) ? random.text() : random.one(of: known)
            return text == "." || text == ".." || text.utf8.contains(0) ? "x" : text
        }
        let names = ["job", "status", "search", "limit", "follow", "tail", "since", "after", "group", "mine"]
        query = (0..<random.number(0...4)).map { _ in
            let name = random.happens(onceIn: 4) ? random.text() : random.one(of: names)
            let value = random.text()
            return HTTPQueryItem(name.utf8.contains(0) ? "x" : name, value.utf8.contains(0) ? "" : value)
        }
        // An item without a name and a value leaves nothing on the wire to tell it by.
        query.removeAll { $0.name.isEmpty && $0.value.isEmpty }
        fields = random.happens(onceIn: 2) ? [("Host", "phjob")] : []
        for _ in 0..<random.number(0...3) {
            let value = random.text().unicodeScalars.filter { $0 == "\t" || ($0.value >= 0x20 && $0.value != 0x7f) }
            let text = String(String.UnicodeScalarView(value))
            fields.append((random.one(of: ["Accept", "X-A", "x-b", "User-Agent"]), Self.trimmed(text)))
        }
        body = (0..<(random.happens(onceIn: 2) ? 0 : random.length(60))).map { _ in
            UInt8.random(in: 0...255, using: &random)
        }
    }

    private static func trimmed(_ text: String) -> String {
        var bytes = Array(text.utf8)[...]
        while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
        while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes, with escapes, blanks and chunks as they come.
    func bytes(_ random: inout Randomness) -> [UInt8] {
        var head = "\(method) \(Self.target(segments, query, &random)) HTTP/1.1\r\n"
        for field in fields {
            let blank = random.one(of: ["", " ", " \t "])
            head += "\(field.name):\(blank)\(field.value)\(blank)\r\n"
        }
        var bytes = random.happens(onceIn: 8) ? Array("\r\n".utf8) : []
        if random.happens(onceIn: 2) {
            let coding = random.one(of: ["chunked", "Chunked", " chunked "])
            return bytes + Array((head + "Transfer-Encoding:\(coding)\r\n\r\n").utf8) + chunks(&random)
        }
        if !body.isEmpty || random.happens(onceIn: 2) { head += "content-length: \(body.count)\r\n" }
        bytes += Array((head + "\r\n").utf8)
        return bytes + body
    }

    static func target(
        _ segments: [String], _ query: [HTTPQueryItem], _ random: inout Randomness
    ) -> String {
        let path = "/" + segments.map { encoded($0, &random) }.joined(separator: "/")
        guard !query.isEmpty else { return path }
        let items = query.map { item in
            let value = encoded(item.value, &random)
            return encoded(item.name, &random) + (value.isEmpty && random.happens(onceIn: 2) ? "" : "=" + value)
        }
        return path + "?" + items.joined(separator: "&")
    }

    private static func encoded(_ text: String, _ random: inout Randomness) -> String {
        let encodesAll = random.happens(onceIn: 8)
        let digits = Array(random.happens(onceIn: 2) ? "0123456789ABCDEF" : "0123456789abcdef")
        return text.utf8.map { byte in
            let isLetter = (0x61...0x7a).contains(byte | 0x20) && byte < 0x80
            if !encodesAll, isLetter || (0x30...0x39).contains(byte) || "-._~".utf8.contains(byte) {
                return String(Character(Unicode.Scalar(byte)))
            }
            return "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }.joined()
    }

    private func chunks(_ random: inout Randomness) -> [UInt8] {
        var bytes: [UInt8] = []
        for piece in random.pieces(of: body) {
            let size = (random.happens(onceIn: 4) ? "00" : "") + String(piece.count, radix: 16)
            bytes += Array((size + random.one(of: ["", "", "", ";a=b", "; x"]) + "\r\n").utf8) + piece + [0x0d, 0x0a]
        }
        return bytes
            + Array((random.one(of: ["0", "000"]) + "\r\n" + random.one(of: ["", "", "X-T: v\r\n"]) + "\r\n").utf8)
    }
}
