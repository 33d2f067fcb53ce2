import Foundation
import Testing

/// Compares a text with a checked-in file. `RECORD_GOLDEN=1` writes the files anew and fails the run.
enum Golden {
    static func expect(_ text: String, is name: String, _ location: SourceLocation = #_sourceLocation) throws {
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Golden").appendingPathComponent(name)
        if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] != nil {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
            Issue.record("recorded \(name)", sourceLocation: location)
            return
        }
        let expected = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        let pairs = zip(
            text.split(separator: "\n", omittingEmptySubsequences: false),
            expected.split(separator: "\n", omittingEmptySubsequences: false))
        let firstDifference = pairs.enumerated().first { $1.0 != $1.1 }
        let line = (firstDifference?.offset ?? 0) + 1
        #expect(
            text == expected, "\(name) differs first in line \(line): \(firstDifference.map { "\($1)" } ?? "")",
            sourceLocation: location)
    }
}
