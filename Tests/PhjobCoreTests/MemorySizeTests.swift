import PhjobCore
import Testing

struct MemorySizeTests {
    private static let mebi: Int64 = 1 << 20
    private static let gibi: Int64 = 1 << 30

    @Test(
        arguments: [
            ("1K", 1024), ("512M", 512 * mebi), ("512m", 512 * mebi), ("512Mi", 512 * mebi), ("512MB", 512 * mebi),
            ("512MiB", 512 * mebi), ("8G", 8 * gibi), ("1.5G", 1536 * mebi), ("0.5K", 512), (".5K", 512),
            ("2T", 2048 * gibi), ("0G", 0), ("8000000T", 8_192_000_000 * gibi),
        ] as [(String, Int64)])
    func reads(_ text: String, bytes: Int64) throws {
        #expect(try MemorySize(parsing: text).bytes == bytes)
    }

    @Test(arguments: [
        ("", "is not an amount"), ("512", "write a number with a unit"), ("G", "is not an amount"),
        ("-1G", "is not an amount"), ("+1G", "is not an amount"), ("1e3G", "is not an amount"),
        ("1 G", "is not an amount"), ("0x10G", "is not an amount"), ("1.2.3G", "is not an amount"),
        ("infG", "is not an amount"), ("nanG", "is not an amount"), ("1,5G", "is not an amount"),
        ("１G", "is not an amount"), ("GG", "is not an amount"), ("1P", "is not an amount"),
        ("9000000T", "more memory than can be counted"),
        ("99999999999999999999999999T", "more memory than can be counted"),
    ])
    func refuses(_ text: String, words: String) {
        let error = #expect(throws: InvalidValue.self) { try MemorySize(parsing: text) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func hostileTextIsShownEscaped() {
        let error = #expect(throws: InvalidValue.self) { try MemorySize(parsing: "1\u{202e}G") }
        #expect(error?.message.contains("\\u{202e}") == true)
    }

    @Test(
        arguments: [
            (0, "0B"), (900, "900B"), (1024, "1K"), (1536, "1.5K"), (512 * mebi, "512M"), (1536 * mebi, "1.5G"),
            (8 * gibi, "8G"), (2048 * gibi, "2T"), (8 * gibi + 1, "8G"),
        ] as [(Int64, String)])
    func prints(_ bytes: Int64, text: String) {
        #expect("\(MemorySize(bytes: bytes))" == text)
    }

    @Test func order() {
        #expect(MemorySize(bytes: 1) < MemorySize(bytes: 2))
        #expect(!(MemorySize(bytes: 2) < MemorySize(bytes: 2)))
    }

    @Test func roundTrip() throws {
        let size = MemorySize(bytes: 9_000_000_000_000_000_001)
        #expect(try Sample.recoded(size) == size)
    }
}
