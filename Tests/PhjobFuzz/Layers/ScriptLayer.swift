import PhjobArguments

/// Options in scripts, and words as a shell takes them apart.
enum ScriptLayer: FuzzLayer {
    static let name = "script"

    private static let lines = [
        "#!/bin/bash", "#PHJOB --instance-type cpu-2 --image base", "#PHJOB --name \"digits, 60 epochs\"",
        "#PHJOB\t--env 'A=b c'",
        "# words", "", "#PHJOBX --no", "python3 train.py", "#PHJOB --late", "#PHJOB \\", "cat <<E",
    ]

    static func run(_ random: inout Randomness) throws(Violation) -> Bool {
        let words = (0..<random.number(0...5)).map { _ in random.text() }
        try Check.equal(
            try Check.succeeds("splitting") { try ShellWords.split(ShellWords.join(words)) }, words,
            "words joined and split")
        var script = (0..<random.number(0...8)).map { _ in random.one(of: lines) }.joined(separator: "\n")
        if random.happens(onceIn: 2) {
            script = String(decoding: Mutation.bytes(Array(script.utf8), &random), as: UTF8.self)
        }
        let directives = Directives(in: script, marker: "#PHJOB")
        let all = script.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        var isAccepted = true
        for line in directives.lines {
            try Check.isTrue(all.indices.contains(line.number - 1), "there is no line \(line.number)")
            try Check.isTrue(all[line.number - 1].starts(with: "#PHJOB".utf8), "line \(line.number) has no marker")
            do throws(ShellWordsError) {
                _ = try ShellWords.split(line.text)
            } catch {
                isAccepted = false
                try Check.isPlain(error.description, "the problem", most: 1000)
            }
        }
        try Check.isTrue(
            Set(directives.lines.map(\.number)).isDisjoint(with: directives.ignoredLines), "a line counts twice")
        return isAccepted
    }
}
