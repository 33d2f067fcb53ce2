import PhjobSystem

/// Turns docker's json-file log, in pieces of any size, into what `docker logs --timestamps` prints of it.
///
/// A line is `{"log":"<text>","stream":"<name>","time":"<time>"}`; the text ends with a line feed unless it is a piece of a
/// longer line (moby, `daemon/logger/jsonfilelog/jsonlog/jsonlogbytes.go`). Members that a setting of the daemon's adds stand
/// between the others. A line of another form is passed over: what a full disk has torn, docker cannot read either.
package struct DaemonLogDecoder {
    /// A line whose end has not come yet.
    private var pending: [UInt8] = []
    private var output: [UInt8] = []

    private static let head = Array(#"{"log":""#.utf8)
    private static let timeHead = Array(#""time":""#.utf8)
    /// Digits that a second has in what is printed; in the file its zeros at the end are missing.
    private static let digits = 9

    package init() {}

    /// - Returns: what is printed of the lines that have ended.
    package mutating func decode(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        output.removeAll(keepingCapacity: true)
        output.reserveCapacity(bytes.count)
        var rest = bytes
        if !pending.isEmpty {
            guard let end = rest.offset(of: 0x0a) else {
                pending += rest
                return output
            }
            pending += rest[..<end]
            let line = pending
            pending.removeAll(keepingCapacity: true)
            line.withUnsafeBytes { append($0) }
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
        }
        while let end = rest.offset(of: 0x0a) {
            append(UnsafeRawBufferPointer(rebasing: rest[..<end]))
            rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
        }
        pending += rest
        return output
    }

    private mutating func append(_ line: UnsafeRawBufferPointer) {
        guard line.starts(with: Self.head), let time = Self.time(of: line) else { return }
        let start = output.count
        output += line[time.seconds]
        output.append(UInt8(ascii: "."))
        output += line[time.fraction]
        output += repeatElement(UInt8(ascii: "0"), count: Self.digits - time.fraction.count)
        output += "Z ".utf8
        if !appendText(UnsafeRawBufferPointer(rebasing: line[Self.head.count...])) {
            output.removeSubrange(start...)
        }
    }

    /// The time of a line, up to its seconds; nil if it is no line of a log.
    static func seconds(of line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        time(of: line).map { UnsafeRawBufferPointer(rebasing: line[$0.seconds]) }
    }

    /// Where a line has its time: up to the seconds, and the digits after them.
    private static func time(of line: UnsafeRawBufferPointer) -> (seconds: Range<Int>, fraction: Range<Int>)? {
        // It stands last: `"time":"2026-11-21T15:05:58.05730764Z"}`.
        let end = line.count - 3
        guard end > head.count, line[end...].elementsEqual(#"Z"}"#.utf8) else { return nil }
        let first = "0000-00-00T00:00:00".utf8.count
        var start = end
        while start > head.count, line[start - 1] != UInt8(ascii: "\""), end - start <= first + 1 + digits {
            start -= 1
        }
        guard start >= head.count + timeHead.count, line[..<start].suffix(timeHead.count).elementsEqual(timeHead),
            end - start >= first
        else { return nil }
        let seconds = start..<start + first
        guard seconds.upperBound < end else { return (seconds, end..<end) }
        guard line[seconds.upperBound] == UInt8(ascii: "."), end - seconds.upperBound - 1 <= digits else { return nil }
        return (seconds, seconds.upperBound + 1..<end)
    }

    /// Appends a JSON string's content up to its final quotation mark.
    ///
    /// - Returns: false if it has none, or is no JSON.
    private mutating func appendText(_ text: UnsafeRawBufferPointer) -> Bool {
        var rest = text
        while let end = rest.offset(of: UInt8(ascii: "\"")) {
            guard let escape = UnsafeRawBufferPointer(rebasing: rest[..<end]).offset(of: UInt8(ascii: "\\"))
            else {
                output += rest[..<end]
                return true
            }
            output += rest[..<escape]
            guard let length = appendEscape(UnsafeRawBufferPointer(rebasing: rest[(escape + 1)...])) else {
                return false
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[(escape + 1 + length)...])
        }
        return false
    }

    /// Appends the character that an escape stands for (RFC 8259, section 7).
    ///
    /// - Parameter text: what follows the backslash.
    /// - Returns: how many bytes of it belong to the escape; nil if it is none.
    private mutating func appendEscape(_ text: UnsafeRawBufferPointer) -> Int? {
        let simple: UInt8
        switch text.first {
        case UInt8(ascii: "n"): simple = 0x0a
        case UInt8(ascii: "r"): simple = 0x0d
        case UInt8(ascii: "t"): simple = 0x09
        case UInt8(ascii: "b"): simple = 0x08
        case UInt8(ascii: "f"): simple = 0x0c
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): simple = text[0]
        case UInt8(ascii: "u"): return appendUnicode(text)
        default: return nil
        }
        output.append(simple)
        return 1
    }

    private mutating func appendUnicode(_ text: UnsafeRawBufferPointer) -> Int? {
        guard let first = Self.unit(text) else { return nil }
        var units = [first]
        var length = 5
        if UTF16.isLeadSurrogate(first), text.count > 6, text[5] == UInt8(ascii: "\\"),
            let second = Self.unit(UnsafeRawBufferPointer(rebasing: text[6...])), UTF16.isTrailSurrogate(second)
        {
            units.append(second)
            length = 11
        }
        // Half a pair becomes U+FFFD, as docker makes it.
        output += String(decoding: units, as: UTF16.self).utf8
        return length
    }

    /// The number in `uXXXX`.
    private static func unit(_ text: UnsafeRawBufferPointer) -> UInt16? {
        guard text.count >= 5, text[0] == UInt8(ascii: "u"), text[1..<5].allSatisfy({ $0 != UInt8(ascii: "+") }) else {
            return nil
        }
        return UInt16(String(decoding: text[1..<5], as: UTF8.self), radix: 16)
    }
}
