import Glibc

/// One record of a log file: `<time> <stream> <tag> <bytes>` and a line feed.
///
/// This is the format that podman's k8s-file driver and the kubelet share (Kubernetes' CRI logging design): the tag is
/// `F` if a line feed of the job's followed the bytes, `P` if not. The bytes are whatever the job printed, but for line
/// feeds.
package struct LogRecord {
    package let time: UnsafeRawBufferPointer
    package let isPartial: Bool
    package let content: UnsafeRawBufferPointer

    /// - Parameter line: the record without its final line feed.
    /// - Returns: nil if it is none, as a line that was torn by a full disk.
    package init?(_ line: UnsafeRawBufferPointer) {
        // Times and stream names have no spaces, so two spaces end them; looking further would search the job's bytes.
        guard let timeEnd = Self.space(in: line, from: 0), let streamEnd = Self.space(in: line, from: timeEnd + 1),
            timeEnd >= 20, timeEnd < 64, streamEnd + 1 < line.count
        else { return nil }
        let tag = line[streamEnd + 1]
        guard tag == UInt8(ascii: "F") || tag == UInt8(ascii: "P") else { return nil }
        isPartial = tag == UInt8(ascii: "P")
        time = UnsafeRawBufferPointer(rebasing: line[..<timeEnd])
        content = UnsafeRawBufferPointer(rebasing: line[min(streamEnd + 3, line.count)...])
    }

    private static func space(in line: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var index = start
        let end = min(line.count, start + 64)
        while index < end {
            if line[index] == UInt8(ascii: " ") { return index }
            index += 1
        }
        return nil
    }

    /// A record of ours for a line of text.
    package static func encode(_ text: String, time: String) -> [UInt8] {
        Array("\(time) stdout F \(text)\n".utf8)
    }
}
