import Foundation
import PhjobArguments
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

@testable import phjob

/// Scripts, arguments and variables whose bytes are not what they seem.
@Suite struct TextInputTests {
    private static let mark: [UInt8] = [0xef, 0xbb, 0xbf]

    private static func submission(_ line: String, in world: TestWorld) throws -> JobSubmission {
        switch PhjobProgram.program.resolve(try ShellWords.split(line), environment: world.environment) {
        case .run(let call):
            return try #require(call.command as? SubmitCommand).source.resolve(world.context).submission
        case .fail(let error): throw error
        case .print(let text): throw PhjobError(.internalError, text)
        }
    }

    @Test func aByteOrderMarkDisablesNothing() throws {
        let world = try TestWorld()
        let script = "#!/bin/bash\n#PHJOB --name marked\nls\n"
        let path = try world.directory.write(Self.mark + Array(script.utf8), to: "a.sh")
        let submission = try Self.submission("submit \(path)", in: world)
        #expect(submission.command == script && submission.displayName == "marked")
        world.input = Self.mark + Array(script.utf8)
        #expect(try Self.submission("submit -", in: world).displayName == "marked")
        let variables = try world.directory.write(Self.mark + Array("A=1\n".utf8), to: "env")
        #expect(try Self.submission("submit --env-file \(variables) -- ls", in: world).environment == ["A": "1"])
    }

    @Test func anInterpreterWithACarriageReturnIsRefusedWithWhatToDo() throws {
        let world = try TestWorld()
        let path = try world.directory.write("#!/bin/bash\r\necho hi\r\n", to: "a b.sh")
        #expect(try world.run("submit '\(path)'") == 1)
        #expect(
            world.errors.text
                == "phjob: \(path): the script's first line '#!/bin/bash' ends with a carriage return (DOS line ends), "
                + "so its interpreter is not found; convert it: sed -i 's/\\r$//' '\(path)'\n")
        #expect(world.output.text == "")
        world.input = Array("\u{FEFF}#!/bin/sh\r\n".utf8)
        #expect(try world.run("submit -") == 1)
        #expect(world.errors.text.hasSuffix("convert it: sed 's/\\r$//'\n"))
    }

    @Test func otherScriptsWithDOSLineEndsGetAWarning() throws {
        let world = try TestWorld()
        world.input = Array("echo hi\r\n".utf8)
        #expect(try Self.submission("submit -", in: world).command == "echo hi\r\n")
        #expect(world.errors.text.contains("warning: the script has DOS line ends"))
    }

    @Test(
        arguments: [
            (
                [
                    Array("submit".utf8), Array("-n".utf8), [0x63, 0x61, 0x66, 0xe9], Array("--".utf8),
                    Array("ls".utf8),
                ], "argument 3, 'caf\\xe9',"
            ),
            (
                [Array("run".utf8), Array("-e".utf8), Array("A=".utf8) + [0xff], Array("--".utf8), Array("x".utf8)],
                "argument 3, 'A=\\xff',"
            ),
            ([Array("submit".utf8), Array("--".utf8), Array("echo".utf8), [0xc3, 0x28]], "argument 4, '\\xc3(',"),
            ([Array("logs".utf8), [0xed, 0xa0, 0x80]], "argument 2, '\\xed\\xa0\\x80',"),
            ([[0xff]], "argument 1, '\\xff',"),
        ] as [([[UInt8]], String)])
    func argumentsThatAreNotUTF8AreRefused(words: [[UInt8]], message: String) throws {
        let world = try TestWorld()
        #expect(Phjob.run(bytes: words, world.context) == 64)
        #expect(world.errors.text.contains(message + " is not UTF-8 text; convert it"), "\(world.errors.text)")
        #expect(world.output.text == "")
    }

    @Test func theProgramItselfSeesTheBytes() throws {
        let program = Self.program
        let result = try HostProcess.shell(
            "PHJOB_STATE=/nonexistent '\(program)' submit -n \"$(printf 'caf\\351')\" -- true; echo $?")
        #expect(result.output.text == "64\n")
        #expect(result.errors.text.contains("argument 3, 'caf\\xe9', is not UTF-8 text"))
        let place = try HostProcess.shell("PHJOB_STATE=\"$(printf '/x/\\377')\" '\(program)' list; echo $?")
        #expect(place.output.text == "64\n" && place.errors.text.contains("PHJOB_STATE is not UTF-8 text"))
    }

    /// The program beside this test's own.
    static var program: String {
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/phjob"
    }

    @Test func aVariableThatIsNotUTF8IsNotTakenOver() throws {
        let world = try TestWorld()
        world.environment = ["A": "caf\u{FFFD}", "B": "b"]
        var context = world.context
        context.malformedVariables = ["A"]
        #expect(Phjob.run(["submit", "-e", "A", "--", "ls"], context) == 1)
        #expect(world.errors.text.contains("the value that the variable A has here is not UTF-8 text"))
        var options = JobOptions()
        options.variables = [try EnvironmentSetting(argument: "B"), try EnvironmentSetting(argument: "A=given")]
        #expect(try options.submission(context).environment == ["A": "given", "B": "b"])
    }

    /// In a process of its own, as the time zone is the process's.
    @Test func aDayBeginsAtItsLocalMidnight() async {
        await #expect(processExitsWith: .success) {
            setenv("TZ", "Asia/Taipei", 1)
            tzset()
            let now = Timestamp(milliseconds: 0)
            let day = try SinceArgument(argument: "2026-11-21")
            #expect(day.time(now: now).description == "2026-11-20T16:00:00.000Z")
            #expect(day.note == "--since 2026-11-21 is its midnight, local time: 2026-11-20T16:00:00Z")
            #expect(day.argumentText == "2026-11-21")
            let time = try SinceArgument(argument: "2026-11-21T08:00:00Z")
            #expect(time.time(now: now).description == "2026-11-21T08:00:00.000Z" && time.note == nil)
            setenv("TZ", "Europe/Berlin", 1)
            tzset()
            #expect(try SinceArgument(argument: "2026-07-01").time(now: now).description == "2026-06-30T22:00:00.000Z")
            #expect(try SinceArgument(argument: "2026-12-01").time(now: now).description == "2026-11-30T23:00:00.000Z")
            for text in ["2026-02-30", "2026-13-01", "2026-1-1", "-2026-01-01", "2026-11-21-"] {
                #expect(throws: (any Error).self) { try SinceArgument(argument: text) }
            }
        }
    }
}
