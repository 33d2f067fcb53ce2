import Glibc
import PhjobAPI
import PhjobCore
import PhjobSystem

/// A list of jobs that stays up to date.
///
/// It is drawn over itself, line by line, so that nothing flickers; anew when a job has changed, and each second only while
/// a job on the screen runs.
struct ListWatch {
    let context: Context
    let options: ListOptions
    let limit: Int?

    private enum Sequence {
        static let clear = "\u{1B}[H\u{1B}[2J"
        static let home = "\u{1B}[H"
        static let clearRestOfLine = "\u{1B}[K"
        static let clearBelow = "\u{1B}[J"
    }

    func run() throws -> Int32 {
        let interrupts = try context.interrupts()
        var context = context
        context.output.interrupt = interrupts.descriptor
        do {
            let client = try context.client(interrupt: interrupts.descriptor)
            try context.output.write(Sequence.clear)
            while true {
                let now = context.now()
                let page = try client.allJobs(options.filter(now: now), limit: limit)
                let shown = try draw(page, now: now, context)
                if shown.contains(where: { $0.phase == .running }) {
                    let watched = [interrupts.descriptor].compactMap(\.self)
                    if try Poll.readable(watched, until: Monotonic.now.adding(seconds: 1)).contains(true) {
                        throw APIClient.Interrupted()
                    }
                } else {
                    _ = try client.waitForChange(since: page.revision)
                }
            }
        } catch is APIClient.Interrupted {
            let signal = interrupts.next() ?? SIGINT
            return signal == SIGINT ? 0 : Interrupts.exitStatus(signal)
        }
    }

    /// - Returns: the jobs that had room.
    private func draw(_ page: JobPage, now: Timestamp, _ context: Context) throws -> ArraySlice<JobView> {
        let terminal = context.output.terminal ?? TerminalFacts(columns: 80, rows: 24, hasColor: false)
        // The header above, and the cursor's line below.
        let jobs = page.items.prefix(max(1, terminal.rows - 2))
        let lines = JobRows.table(Array(jobs), now: now).lines(width: terminal.columns, palette: context.output.palette)
        let text = lines.map { $0 + Sequence.clearRestOfLine + "\n" }.joined()
        try context.output.write(Sequence.home + text + Sequence.clearBelow)
        return jobs
    }
}
