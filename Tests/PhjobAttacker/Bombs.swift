/// Requests that are made to cost the server more than the client.
enum Bombs {
    private static let size = (4 << 20) - 100

    /// One of several bodies of almost 4 MiB, none of which is a job: how many of those somebody may submit is another matter.
    static func body(_ number: Int) -> [UInt8] {
        switch number % 6 {
        case 0: filled("[", "1,", "1]")
        case 1: filled("[", "{},", "{}]")
        case 2: filled("", "[", "")
        case 3: filled("{\"command\":\"", "\\u0041", "\",\"x\":1}")
        case 4: filled("{\"command\":\"true\",\"displayName\":\"", "\u{301}", "\"}")
        default: Array(("{" + (0..<19_000).map { "\"name\($0)\":1" }.joined(separator: ",") + "}").utf8)
        }
    }

    private static func filled(_ start: String, _ text: String, _ end: String) -> [UInt8] {
        Array((start + String(repeating: text, count: size / text.utf8.count) + end).utf8)
    }

    /// One of several questions that are as long as they may be.
    static func search(_ number: Int) -> String {
        switch number % 3 {
        case 0: "/v1/jobs?limit=1000&search=" + String(repeating: "e", count: 1000)
        case 1: "/v1/wait?timeout=0&" + (0..<1300).map { "job=zz\(1000 + $0)" }.joined(separator: "&")
        default: "/v1/wait?timeout=0&" + String(repeating: "job=@&", count: 2500)
        }
    }

    /// A mebibyte of chunks of a byte each.
    static let chunks = Array(String(repeating: "1\r\nx\r\n", count: (1 << 20) / 6).utf8)
}
