import Testing

@testable import PhjobTorture

@Suite struct RunMarksTests {
    @Test func aRunIsRead() {
        #expect(RunMarks(reading: Sample.marks) == RunMarks(runs: 1, printed: 3, hasEnded: true))
        #expect(RunMarks(reading: "ran\n1\n2\n") == RunMarks(runs: 1, printed: 2))
        #expect(RunMarks(reading: "") == RunMarks())
        #expect(RunMarks(reading: Sample.marks).problems.isEmpty)
    }

    @Test(arguments: ["ran\nran\n", "ran\n1\n2\nran\n1\n", "ran\n1\n2\n3\nend\nran\n1\n2\n3\nend\n"])
    func aSecondRunIsFound(_ text: String) {
        #expect(RunMarks(reading: text).problems == ["its command ran 2 times"])
    }

    @Test(arguments: ["ran\n1\n3\n", "ran\n1\n1\n", "1\n", "ran\nend\n1\n", "ran\nend\nend\n", "ran\nwhat\n"])
    func disorderIsFound(_ text: String) {
        #expect(RunMarks(reading: text).problems.count == 1)
    }
}
