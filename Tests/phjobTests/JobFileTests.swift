import PhjobAPI
import PhjobCore
import PhjobTestSupport
import Testing

@testable import phjob

@Suite struct JobFileTests {
    @Test func primeHubJobsAreRead() throws {
        let text = """
            {"displayName": "train", "instanceType": "cpu-2", "image": "base", "command": "python3 train.py",
             "activeDeadlineSeconds": 3600, "groupName": "lab", "environment": {"SEED": "1"}, "idempotencyKey": "k"}
            """
        #expect(
            try JobFile.read(Array(text.utf8), from: "job.json")
                == JobSubmission(
                    displayName: "train", groupName: "lab", instanceType: "cpu-2", image: "base",
                    command: "python3 train.py",
                    activeDeadlineSeconds: 3600, environment: ["SEED": "1"], idempotencyKey: "k"))
    }

    @Test(arguments: [
        ("", "job.json is empty"), (" \n", "job.json is empty"), ("{", "line 1, column 2: the text ends where"),
        ("{\"command\": \"x\"", "line 1, column 16: the text ends where ',' or '}' should be"),
        ("{\"a\": \"x", "has no end"),
        ("{\n\"command\": oops}", "line 2, column 12: there is 'oops' where a value should be"),
        ("{\"a\": \"\n\"}", "line break"), ("{\"a\" 1}", "':' after the name"), ("{a: 1}", "a name in quotes"),
        ("{} x", "there is 'x' where nothing more should be"), ("// c\n{}", "there is '/' where a value should be"),
        (String(repeating: "[", count: 100_000), "nested too deeply"), ("[]", "must be an object, not a list"),
        ("3", "must be an object, not a number"),
        (#"{"command": 3}"#, "command: must be a string, not a number"),
        (#"{"comand": "x"}"#, "comand: is not known here; known are displayName"),
        (#"{"activeDeadlineSeconds": "1h"}"#, "activeDeadlineSeconds: must be a whole number, not a string"),
        (#"{"activeDeadlineSeconds": -1}"#, "is -1; it must be at least 0"),
        (#"{"activeDeadlineSeconds": 1.5}"#, "must be a whole number"),
        (#"{"activeDeadlineSeconds": 99999999999999999999}"#, "must be a whole number"),
        (#"{"activeDeadlineSeconds": 9999999999}"#, "must be at most"),
        (#"{"environment": ["A=1"]}"#, "environment: must be an object, not a list"),
        (#"{"environment": {"A": 1}}"#, "environment.A: must be a string, not a number"),
        (#"{"a\u001b[2J": 1}"#, "\\x1b[2J"),
    ])
    func whatIsWrongIsToldWithItsPlace(text: String, words: String) throws {
        let error = #expect(throws: PhjobError.self) { try JobFile.read(Array(text.utf8), from: "job.json") }
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
        #expect(error?.message.hasPrefix("job.json") == true)
    }

    @Test func allThatIsWrongIsToldAtOnce() throws {
        let text = #"{"command": 3, "image": [], "x": 1, "y": 2}"#
        let error = #expect(throws: PhjobError.self) { try JobFile.read(Array(text.utf8), from: "j") }
        #expect(error?.message.split(separator: "\n").count == 3)
    }

    @Test func aJobAsItIsPrintedIsNoneToSubmit() throws {
        let text = try JSONBody.encode(SampleView.succeeded, pretty: true)
        let error = #expect(throws: PhjobError.self) { try JobFile.read(text, from: "standard input") }
        #expect(
            error?.description
                == "standard input is what 'phjob get --json' prints of a job, and not one to submit; to run that job again: phjob rerun job-202611210727-000000"
        )
    }

    @Test func aByteOrderMarkIsPassedOver() throws {
        #expect(try JobFile.read([0xef, 0xbb, 0xbf] + Array("{\"command\": \"x\"}".utf8), from: "j").command == "x")
    }

    @Test(
        arguments: [
            ([0xff, 0xfe], "not valid JSON"),
            (Array("{\"command\": \"".utf8) + [0xff] + Array("\"}".utf8), "not valid JSON"),
        ] as [([UInt8], String)])
    func bytesThatAreNoTextAreRefused(bytes: [UInt8], words: String) throws {
        let error = #expect(throws: PhjobError.self) { try JobFile.read(bytes, from: "j") }
        #expect(error?.message.contains(words) == true)
    }
}

@Suite struct EnvironmentFileTests {
    @Test func linesAreTakenAsTheyAre() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("# comment\n\nA=1\nB=a = \"b\" \r\n  # another\nC=\n_D9=x", to: "env")
        #expect(try EnvironmentFile.read(path) == ["A": "1", "B": "a = \"b\" ", "C": "", "_D9": "x"])
    }

    @Test(arguments: ["A=1\nB\n", "A=1\nB C=2\n", "A=1\n=2\n", "A=1\n9=2\n", "A=1\n B=2\n"])
    func aLineThatIsNoneIsNamed(text: String) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(text, to: "env")
        let error = #expect(throws: PhjobError.self) { try EnvironmentFile.read(path) }
        #expect(error?.message == "\(path): line 2 is not NAME=VALUE")
    }

    @Test func aMissingFileIsNamed() {
        let error = #expect(throws: PhjobError.self) { try EnvironmentFile.read("/nowhere/env") }
        #expect(error?.message.contains("/nowhere/env") == true)
    }
}
