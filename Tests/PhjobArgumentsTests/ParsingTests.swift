import PhjobArguments
import Testing

@Suite struct ParsingTests {
    @Test func defaults() throws {
        let list = try SampleTool.parse(List.self, "list")
        #expect(list.output == .table)
        #expect(list.limit == nil)
        #expect(!list.isAll)
        #expect(list.groups == [])
        #expect(list.verbosity == 0)
    }

    @Test(arguments: [
        "list --limit 5", "list --limit=5", "list -n5", "list -n 5", "list -n=5", "list -vn5 --verbose", "ls -vvn 5",
        "ps -n 5",
    ])
    func fivefold(_ line: String) throws {
        #expect(try SampleTool.parse(List.self, line).limit == 5)
    }

    @Test(arguments: [("list -n -5", -5), ("list -n-5", -5), ("list --limit=-5", -5), ("list --limit -5", -5)])
    func negative(_ line: String, _ number: Int) throws {
        #expect(try SampleTool.parse(List.self, line).limit == number)
    }

    @Test func bundles() throws {
        let list = try SampleTool.parse(List.self, "list -avvg one -gtwo --group=three=4 --group ''")
        #expect(list.isAll)
        #expect(list.verbosity == 2)
        #expect(list.groups == ["one", "two", "three=4", ""])
    }

    @Test func repeatedFlagsAreHarmless() throws {
        #expect(try SampleTool.parse(List.self, "list -a --all").isAll)
    }

    @Test func dashIsAWord() throws {
        #expect(try SampleTool.parse(Submit.self, "submit -").script == "-")
        #expect(try SampleTool.parse(Submit.self, "submit --file -").file == "-")
        #expect(try SampleTool.parse(Submit.self, "submit -f - job.sh").script == "job.sh")
    }

    @Test func optionsFollowWords() throws {
        let copy = try SampleTool.parse(Submit.self, "submit job.sh -q --image=a=b --no-color")
        #expect(copy.script == "job.sh")
        #expect(copy.isQuiet)
        #expect(copy.options.image == "a=b")
        #expect(copy.options.color == false)
    }

    @Test func positionals() throws {
        let copy = try SampleTool.parse(ImageCopy.self, "image copy 3 json-lines a -- -b --help")
        #expect(copy.count == 3)
        #expect(copy.format == .jsonLines)
        #expect(copy.targets == ["a", "-b", "--help"])
        let short = try SampleTool.parse(ImageCopy.self, "images copy 3")
        #expect(short.format == .json)
        #expect(short.targets.isEmpty)
    }

    @Test func rest() throws {
        let submitted = try SampleTool.parse(Submit.self, "submit -q -- python -q -- --image x")
        #expect(submitted.isQuiet)
        #expect(submitted.words == ["python", "-q", "--", "--image", "x"])
        let run = try SampleTool.parse(Run.self, "run --wait /tmp python -q --help -- --image x")
        #expect(run.directory == "/tmp")
        #expect(run.words == ["python", "-q", "--help", "--", "--image", "x"])
        #expect(run.options.wait == true)
        #expect(run.options.image == nil)
        #expect(try SampleTool.parse(Run.self, "run /tmp -- -x").words == ["-x"])
        #expect(try SampleTool.parse(Submit.self, "submit --").words == [])
        #expect(try SampleTool.parse(Submit.self, "submit -- ''").words == [""])
    }

    @Test func exceptedOptionsAreGone() {
        #expect(throws: UsageError.self) { try SampleTool.parse(Run.self, "run --env a=b . ls") }
    }

    @Test func environment() throws {
        let environment = ["TOOL_IMAGE": "of-env", "TOOL_WAIT": "yes", "TOOL_TYPE": ""]
        let plain = try SampleTool.parse(Submit.self, "submit a", environment: environment).options
        #expect(plain.image == "of-env")
        #expect(plain.wait == true)
        #expect(plain.instanceType.value == nil)
        #expect(plain.instanceType.source == nil)
        let given = try SampleTool.parse(Submit.self, "submit a -i mine", environment: environment).options
        #expect(given.image == "mine")
        #expect(try SampleTool.parse(Get.self, "get a", environment: ["TOOL_FIELD": "x"]).field == "x")
        let off = try SampleTool.parse(Submit.self, "submit a", environment: ["TOOL_WAIT": "0"]).options
        #expect(off.wait == false)
    }

    @Test func sources() throws {
        let given = try SampleTool.parse(Submit.self, "submit --instance-type a", environment: ["TOOL_TYPE": "b"])
        #expect(given.options.instanceType == Given("a", from: .commandLine))
        let other = try SampleTool.parse(Submit.self, "submit", environment: ["TOOL_TYPE": "b"])
        #expect(other.options.instanceType == Given("b", from: .environment("TOOL_TYPE")))
        #expect(other.options.instanceType.source?.description == "TOOL_TYPE")
    }

    @Test func runs() throws {
        guard case .run(let call) = SampleTool.program.resolve(["images", "list"]) else {
            Issue.record("not run")
            return
        }
        #expect(call.path == ["tool", "image", "list"])
        guard case .run(let submit) = SampleTool.program.resolve(["submit", "x"]) else {
            Issue.record("not run")
            return
        }
        #expect(try submit.run(.init(offset: 35)) == 42)
    }
}
