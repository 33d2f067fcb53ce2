import PhjobAPI
import PhjobCore
import Testing

@testable import phjob

@Suite struct OutputTests {
    private static let table = Table(
        columns: [.init("NAME", cuttableTo: 4), .init("ID"), .init("REASON", cuttableTo: 6)],
        rows: [["a name that is long", "job-1", ""], ["学習", "job-22", "waits for a very long time"]])

    @Test func columnsAreAlignedAndNothingIsCutWithoutAWidth() {
        #expect(
            Self.table.lines(width: nil) == [
                "NAME                 ID      REASON",
                "a name that is long  job-1",
                "学習                 job-22  waits for a very long time",
            ])
    }

    @Test func theWidestGiveUntilTheTerminalIsWideEnough() {
        #expect(
            Self.table.lines(width: 40) == [
                "NAME             ID      REASON",
                "a name that is…  job-1",
                "学習             job-22  waits for a ve…",
            ])
    }

    @Test(arguments: 1...60) func noLineIsWiderThanTheTerminal(width: Int) {
        for line in Self.table.lines(width: width) { #expect(DisplayWidth.of(line) <= width) }
    }

    @Test func onANarrowTerminalColumnsGoBeforeTheLastAreLost() {
        #expect(
            JobRows.table([SampleView.running], now: TestWorld.now).lines(width: 80) == [
                "STATUS   JOB NAME  ID                       GROUP     TIMING            REASON",
                "Running  train     job-202611210727-000000  research  1h ago, 00:01:05",
            ])
    }

    @Test func cellsAreEscapedAndColouredOnlyWhenAsked() {
        let table = Table(columns: [.init("A"), .init("B")], rows: [[.init("\u{1B}[2Jx\n", .bad), "y"]])
        #expect(table.lines(width: nil)[1] == "\\x1b[2Jx\\n  y")
        #expect(table.lines(width: nil, palette: Palette(isOn: true))[1] == "\u{1B}[31m\\x1b[2Jx\\n\u{1B}[0m  y")
    }

    @Test func listShowsWhatThePersonNeeds() {
        let failed = SampleView.ended(.failed, .outOfMemory, code: 137) { $0.displayName = "\u{1B}]\u{202E}b" }
        #expect(
            JobRows.table([SampleView.waiting, SampleView.running, SampleView.succeeded, failed], now: TestWorld.now)
                .lines(width: nil) == [
                    "STATUS     JOB NAME        ID                       SCHEDULE  USER   GROUP     TIMING            REASON",
                    "Pending    train           job-202611210727-000000  -         alice  research  1h ago            "
                        + "waits for 1 GPU; 2 of 2 in use; 3rd in the queue",
                    "Running    train           job-202611210727-000000  -         alice  research  1h ago, 00:01:05",
                    "Succeeded  train           job-202611210727-000000  -         alice  research  1h ago, 00:00:10",
                    "Failed     \\x1b]\\u{202e}b  job-202611210727-000000  -         alice  research  1h ago, 00:00:10  OutOfMemory",
                ])
    }

    @Test func getShowsEveryField() {
        let job = SampleView.ended(.failed, .nonZeroExit, code: 3) { view in
            view.command = "echo \u{1B}[31m\nexit 3\n"
            view.peakMemoryBytes = 123_456_789
            view.cpuSeconds = 1.25
            view.imageDigest = "sha256:abc"
            view.log = .init(state: .complete, incomplete: nil, expireTime: TestWorld.now.adding(seconds: 604_800))
            view.history = []
        }
        #expect(
            JobForm.form(job, now: TestWorld.now).text() == """
                Status         Failed
                Message        the command ended with exit code 3
                Reason         NonZeroExit
                Job ID         job-202611210727-000000
                Job Name       train
                Schedule       -
                User           alice
                Created        2026-11-21T07:31:40Z (1h 1m ago)
                Started        2026-11-21T08:33:00Z (20s ago)
                Finished       2026-11-21T08:33:10Z (10s ago)
                Duration       00:00:10
                Deadline       1d after the start
                Group          research
                Instance Type  cpu-2 (2 CPUs, 4G of memory, no GPU)
                Image          base (localhost/phjob/base:latest)
                Image Digest   sha256:abc
                Volume         /srv/volumes/research
                Datasets       digits
                Variables      EMPTY, EPOCHS
                Exit Code      3
                Peak Memory    117.7M
                CPU Time       1.3 s
                Log            complete; goes 2026-11-28T08:33:20Z (in 7d)
                Command
                    echo \\x1b[31m
                    exit 3

                """)
    }

    @Test(arguments: [("日本", 4), ("e\u{301}", 1), ("🚀", 2), ("plain", 5), ("", 0)])
    func charactersTakeTheRoomThatTerminalsGiveThem(text: String, width: Int) {
        #expect(DisplayWidth.of(text) == width)
    }
}
