import PhjobCore
import Testing

struct JobSubmissionReadingTests {
    private func problems(_ text: String) throws -> [String] {
        let value = try Sample.json(text)
        let problems = #expect(throws: JobSubmission.Problems.self) { try JobSubmission(reading: value) }
        #expect(problems?.description == problems?.all.map(\.description).joined(separator: "\n"))
        return problems?.all.map(\.description) ?? []
    }

    @Test func everything() throws {
        let text = #"""
            {"displayName":"train","groupName":"research","instanceType":"cpu-1","image":"base",
             "command":"python3 a.py\n","activeDeadlineSeconds":0,"environment":{"A":"1"},"idempotencyKey":"k"}
            """#
        #expect(
            try JobSubmission(reading: Sample.json(text))
                == JobSubmission(
                    displayName: "train", groupName: "research", instanceType: "cpu-1", image: "base",
                    command: "python3 a.py\n", activeDeadlineSeconds: 0, environment: ["A": "1"], idempotencyKey: "k"))
    }

    @Test(arguments: ["{}", #"{"command":null,"activeDeadlineSeconds":null,"environment":null}"#])
    func nothing(_ text: String) throws {
        #expect(try JobSubmission(reading: Sample.json(text)) == JobSubmission())
    }

    @Test func allProblemsAtOnce() throws {
        let found = try problems(
            #"{"displayName":1,"command":["ls"],"activeDeadlineSeconds":-1,"environment":{"A":1},"images":"x"}"#)
        #expect(found.count == 5)
        #expect(found[0].hasPrefix("images: is not known here; known are displayName, groupName,"))
        #expect(
            found.dropFirst() == [
                "displayName: must be a string, not a number", "command: must be a string, not a list",
                "activeDeadlineSeconds: is -1; it must be at least 0", "environment.A: must be a string, not a number",
            ])
    }

    @Test(arguments: ["99999999999999999999", "1.5", "3153600001", "\"1h\"", "true"])
    func impossibleDeadlines(_ deadline: String) throws {
        let found = try problems(#"{"activeDeadlineSeconds":\#(deadline)}"#)
        #expect(found.count == 1 && found[0].hasPrefix("activeDeadlineSeconds: "))
    }

    @Test(arguments: ["[]", "\"ls\"", "7", "null"])
    func noObject(_ text: String) throws {
        #expect(try problems(text).first?.hasPrefix("must be an object, not") == true)
    }
}
