/// The lines of a script that carry options for the program that runs it: `#PHJOB --instance-type cpu-2`.
package struct Directives: Equatable, Sendable {
    /// One such line.
    package struct Line: Equatable, Sendable {
        /// Counted from 1.
        package let number: Int
        /// What stands after the marker.
        package let text: String
    }

    /// The lines in force: those before the script's first command.
    package private(set) var lines: [Line] = []
    /// The numbers of later lines with the marker, which are not in force: they may belong to a text that the script
    /// prints. Worth a warning.
    package private(set) var ignoredLines: [Int] = []

    /// Finds the lines that begin with `marker` and a space. The first line that is neither empty nor a comment ends
    /// their part of the script.
    package init(in script: some StringProtocol, marker: String) {
        var isHead = true
        let lines = script.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let afterMarker = line.starts(with: marker.utf8) ? line.dropFirst(marker.utf8.count) : nil
            if let afterMarker, afterMarker.first.map(Self.isBlank) ?? true {
                if isHead {
                    self.lines.append(Line(number: index + 1, text: String(decoding: afterMarker, as: UTF8.self)))
                } else {
                    ignoredLines.append(index + 1)
                }
            } else if let first = line.first(where: { !Self.isBlank($0) }), first != UInt8(ascii: "#") {
                isHead = false
            }
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }

    /// Reads the options of the lines into a new `Group`: options that several commands share, or a whole command.
    /// Lay the command line's over it with `filled(from:)`.
    ///
    /// - Parameters:
    ///   - file: the name of the file, for errors
    ///   - names: the options that may stand in a file, if not all of the group's
    /// - Throws: the first error, which names the line
    package func parse<Group: ArgumentGroup>(
        _ group: Group.Type = Group.self, file: String? = nil, allowing names: [String]? = nil
    ) throws(UsageError) -> Group {
        var binder = ArgumentBinder<Group>(policy: .optionsOnly(allowed: names))
        for line in lines {
            let source = ArgumentSource.line(line.number, file: file)
            let words: [String]
            do {
                words = try ShellWords.split(line.text)
            } catch {
                throw UsageError(.malformedLine(error.description), from: source)
            }
            _ = try binder.bind(words[...], from: source)
        }
        return binder.value
    }
}
