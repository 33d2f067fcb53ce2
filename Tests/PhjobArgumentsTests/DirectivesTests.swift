import PhjobArguments
import Testing

@Suite struct DirectivesTests {
    static let script = """
        #!/bin/bash
        #TOOL --image 'base image'   # a comment

          # an indented comment
        #TOOL\t--instance-type cpu-2 -e A=1\r
        #TOOLBOX --image other
        #TOOL
        #TOOL -e "B=2 3" --wait
        echo start
        #TOOL --image late
        """

    private func directives(_ text: String) -> Directives {
        Directives(in: text, marker: "#TOOL")
    }

    @Test func lines() {
        let found = directives(Self.script)
        #expect(found.lines.map(\.number) == [2, 5, 7, 8])
        #expect(found.lines.last?.text == " -e \"B=2 3\" --wait")
        #expect(found.ignoredLines == [10])
        #expect(directives("").lines.isEmpty)
        #expect(directives("#TOOL -x").lines.map(\.text) == [" -x"])
    }

    @Test func parse() throws {
        let options: JobOptions = try directives(Self.script).parse()
        #expect(options.image == "base image")
        #expect(options.instanceType == Given("cpu-2", from: .line(5, file: nil)))
        #expect(options.variables == ["A=1", "B=2 3"])
        #expect(options.wait == true)
    }

    @Test func flagBeatsEnvironmentBeatsDirective() throws {
        let directives: JobOptions = try directives(Self.script).parse()
        let submit = try SampleTool.parse(
            Submit.self, "submit --image mine -e B=4 --no-color",
            environment: ["TOOL_TYPE": "of-env", "TOOL_IMAGE": "x"])
        let merged = submit.options.filled(from: directives)
        #expect(merged.image == "mine")
        #expect(merged.instanceType == Given("of-env", from: .environment("TOOL_TYPE")))
        #expect(merged.variables == ["A=1", "B=2 3", "B=4"])
        #expect(merged.wait == true)
        #expect(merged.color == false)
        #expect(merged.grace == nil)
        #expect(JobOptions.layeringProblems() == [])
    }

    @Test func aVariableThatSaysNoBeatsADirective() throws {
        let submit = try SampleTool.parse(Submit.self, "submit", environment: ["TOOL_WAIT": "no"])
        #expect(submit.options.filled(from: try directives("#TOOL --wait").parse()).wait == false)
        #expect(Switch.layeringProblems().count == 2)
    }

    /// Flags that cannot tell "no" from "not given".
    struct Switch: ArgumentGroup {
        var isOn = false

        static let arguments: [ArgumentSpec<Self>] = [
            .flag("--on", to: \.isOn, inverse: "--off", help: "a switch"),
            .flag("--variable", to: \.isOn, help: "a switch", environment: "SWITCH"),
            .flag("--plain", to: \.isOn, help: "a switch"),
        ]
    }

    @Test func aWholeCommandKnowsWhatIsNotAllowed() throws {
        let allowed = ["--image", "--env"]
        let submit = try directives("#TOOL -i a").parse(Submit.self, allowing: allowed)
        #expect(submit.options.image == "a")
        let error = #expect(throws: UsageError.self) {
            try directives("#TOOL -i a\n#TOOL --quiet").parse(Submit.self, file: "a.sh", allowing: allowed)
        }
        #expect(
            error?.message
                == "a.sh: line 2: option '--quiet' cannot be given in a file; give it on the command line")
        #expect(Submit.layeringProblems() == [])
        #expect(List.layeringProblems() == ["--output: make its property optional to tell whether it was given"])
    }

    @Test(arguments: [
        ("#TOOL --imge x", "line 1: unknown option '--imge'; did you mean '--image'?"),
        ("\n#TOOL --image 'x", "line 2: a single quote (') is not closed"),
        ("#TOOL --grace 5", "line 1: invalid value '5' for '--grace': a duration needs a unit, as in '90s'"),
        ("#TOOL --image a\n#TOOL --image b", "line 2: option '--image' is given more than once"),
        ("#TOOL --help", "line 1: unknown option '--help'"),
        ("#TOOL -h", "line 1: unknown option '-h'"),
        ("#TOOL word", "line 1: unexpected argument 'word'; only options can stand here"),
        ("#TOOL -- word", "line 1: unexpected argument 'word'; only options can stand here"),
        ("#TOOL --image", "line 1: option '--image <name>' needs a value"),
        ("#TOOL --image\n#TOOL base", "line 1: option '--image <name>' needs a value"),
    ])
    func errors(script: String, message: String) {
        let error = #expect(throws: UsageError.self) { try directives(script).parse(JobOptions.self) }
        #expect(error?.message == message)
    }
}
