import PhjobArguments
import Testing

/// A command line up to the cursor, and what a shell offers there.
struct CompletionCase: CustomTestStringConvertible, Sendable {
    let line: String
    let offered: [String]

    init(_ line: String, _ offered: [String]) {
        self.line = line
        self.offered = offered.sorted()
    }

    var testDescription: String { line }
}

@Suite struct CompletionTests {
    static let info = SampleTool.program.describe()
    static let bash = BashCompletion.script(for: info)
    static let zsh = ZshCompletion.script(for: info)
    static let fish = FishCompletion.script(for: info)

    @Test(arguments: [(bash, "completion.bash"), (zsh, "completion.zsh"), (fish, "completion.fish")])
    func golden(script: String, file: String) throws {
        try Golden.expect(script, is: file)
        for line in script.split(separator: "\n", omittingEmptySubsequences: false) {
            #expect(!line.hasSuffix(" "), "\(line)")
        }
    }

    @Test func bashSyntax() throws {
        _ = try Shell.bash.run("bash -n <<<\"$1\"", arguments: [Self.bash])
    }

    @Test(.enabled(if: Shell.zsh.isInstalled)) func zshSyntax() throws {
        try Shell.withCompletion(Self.zsh) { folder in
            _ = try Shell.zsh.run("zsh -n $1", arguments: ["\(folder)/_tool"])
        }
    }

    @Test(.enabled(if: Shell.fish.isInstalled)) func fishSyntax() throws {
        try Shell.withCompletion(Self.fish) { folder in
            _ = try Shell.fish.run("fish -n $argv[1]", arguments: ["\(folder)/_tool"])
        }
    }

    static let images = ["images-one", "images-two", "@~1"]
    static let jobs = ["jobs-one", "jobs-two", "@~1"]
    static let commands = ["submit", "run", "list", "get", "image", "help"]

    static let bashCases: [CompletionCase] = [
        .init("tool ", commands),
        .init("tool s", ["submit"]),
        .init("tool -", ["--dry", "-d", "--real", "--help", "-h", "--version"]),
        .init("tool --dry li", ["list"]),
        .init("tool -d image --real c", ["copy"]),
        .init("tool --dry list --output js", ["json", "json-lines"]),
        .init("tool image list --", ["--help"]),
        .init("tool help ", commands),
        .init("tool help image ", ["list", "copy"]),
        .init("tool image ", ["list", "copy"]),
        .init("tool images l", ["list"]),
        .init("tool nonsense ", []),
        .init("tool ls --o", ["--output"]),
        .init("tool list --output ", ["table", "json", "json-lines"]),
        .init("tool list -o js", ["json", "json-lines"]),
        .init("tool list --output=", ["table", "json", "json-lines"]),
        .init("tool list --output=t", ["table"]),
        .init("tool list -n 3 --limit 4 --g", ["--group"]),
        .init(
            "tool list -",
            [
                "--output", "-o", "--limit", "-n", "--all", "-a", "--group", "-g", "--verbose", "-v", "--dry", "-d",
                "--real", "--help", "-h",
            ]),
        .init("tool submit --secret x --wa", ["--wait"]),
        .init("tool submit --sec", []),
        .init("tool submit --no", ["--no-color"]),
        .init("tool submit --image ", images),
        .init("tool submit --image images-t", ["images-two"]),
        .init("tool submit --image=images-t", ["images-two"]),
        .init("tool submit --instance-type i", [#"it\'s:\ big"#]),
        .init("tool submit --file d", ["data file.json", "data.txt", "directory"]),
        .init("tool submit dat", ["data file.json", "data.txt"]),
        .init("tool submit -- dat", []),
        .init("tool submit -- --wa", []),
        .init("tool submit a b", []),
        .init("tool get ", jobs),
        .init("tool show job-1 job-2 ", jobs),
        .init("tool get --field ", []),
        .init("tool get -- ", jobs),
        .init("tool run ", ["directory"]),
        .init("tool run d", ["directory"]),
        .init("tool run . data.", ["data.txt"]),
        .init("tool run . cat dat", ["data file.json", "data.txt"]),
        .init("tool run . cat --wa", []),
        .init("tool run --wa", ["--wait"]),
        .init("tool image copy ", []),
        .init("tool image copy 3 ", ["table", "json", "json-lines"]),
        .init("tool image copy 3 json ", ["directory"]),
        .init("tool image copy 3 json a b d", ["directory"]),
        .init("./tool ge", ["get"]),
    ]

    /// Splits a line as readline does, calls the function, and prints what it offers.
    private static let driver = #"""
        cd "$1"; PATH=$1:$PATH; . ./_tool
        ask() {
            COMP_LINE=$1; COMP_POINT=${#1}; COMP_WORDS=(); local rest=$1
            while [[ $rest =~ ^([[:space:]]*)([=:@]+|[^[:space:]=:@]+)(.*)$ ]]; do
                COMP_WORDS+=("${BASH_REMATCH[2]}"); rest=${BASH_REMATCH[3]}
            done
            [[ $1 == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _tool
            printf '%s\n' "${COMPREPLY[@]}"
            echo END
        }
        for line in "${@:2}"; do ask "$line"; done
        """#

    @Test func bashOffers() throws {
        try Shell.withCompletion(Self.bash) { folder in
            let output = try Shell.bash.run(Self.driver, arguments: [folder] + Self.bashCases.map(\.line))
            let answers = output.split(separator: "END\n", omittingEmptySubsequences: false).dropLast()
            try #require(answers.count == Self.bashCases.count, "\(output)")
            for (answer, example) in zip(answers, Self.bashCases) {
                let offered = answer.split(separator: "\n").map(String.init).sorted()
                #expect(offered == example.offered, "\(example.line)")
            }
        }
    }

    static let fishCases: [CompletionCase] = [
        .init("tool ", commands),
        .init("tool image ", ["list", "copy"]),
        .init("tool help ", commands.filter { $0 != "help" }),
        .init("tool ps --output ", ["table", "json", "json-lines"]),
        .init("tool list --output=t", ["--output=table"]),
        .init("tool list -n 3 --g", ["--group"]),
        .init("tool --dry image --real co", ["copy"]),
        .init("tool -d ps --output j", ["json", "json-lines"]),
        .init("tool --dr", ["--dry"]),
        .init("tool submit --image ", images),
        .init("tool submit --instance-type i", ["it's: big"]),
        .init("tool submit --sec", []),
        .init("tool get ", jobs),
        .init("tool submit dat", ["data file.json", "data.txt"]),
    ]

    @Test(.enabled(if: Shell.fish.isInstalled)) func fishOffers() throws {
        try Shell.withCompletion(Self.fish) { folder in
            for example in Self.fishCases {
                let output = try Shell.fish.run(
                    "cd $argv[1]; set -x PATH $argv[1] $PATH; source _tool; complete -C $argv[2]",
                    arguments: [folder, example.line])
                let offered = output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
                #expect(offered.sorted() == example.offered, "\(example.line): \(output)")
            }
        }
    }
}
