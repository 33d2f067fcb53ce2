import PhjobAPI
import PhjobArguments
import PhjobCore

/// `phjob quota`
struct QuotaCommand: Command {
    var json = false

    static let info = CommandInfo(
        name: "quota", summary: "show what you and your groups may have, have now, and have had",
        discussion: """
            USE is what running jobs have now, of what may be had at a time; '-' where there is no bound. The last columns are \
            the hours of the last 30 days: instance types times the time that jobs had them.
            """,
        examples: [
            ("phjob quota", "see why a job is over its quota"),
            ("phjob quota --json | jq '.groups[] | {groupName, hours: .group.past.gpuHours}'", "for a report"),
        ])
    static let arguments: [ArgumentSpec<Self>] = [.flag("--json", to: \.json, help: "print JSON")]

    func run(_ context: Context) throws -> Int32 {
        let quota = try context.client().quota()
        if json { try context.printJSON(quota) } else { try context.print(Self.table(quota)) }
        return 0
    }

    static func table(_ quota: QuotaView) -> Table {
        let columns: [Table.Column] = [
            .init("GROUP", cuttableTo: 8), .init("WHO"), .init("CPU USE"), .init("MEMORY USE"), .init("GPU USE"),
            .init("RUNNING"), .init("WAITING"), .init("CPU HOURS"), .init("GPU HOURS"),
        ]
        let rows = quota.groups.flatMap { group in
            [row(group.groupName, "you", group.user), row(group.groupName, "group", group.group)]
        }
        return Table(columns: columns, rows: rows)
    }

    private static func row(_ group: String, _ who: String, _ row: QuotaView.Row) -> [Table.Cell] {
        let of = { (use: String, limit: String?) in Table.Cell("\(use) of \(limit ?? "-")") }
        let (now, limit) = (row.now, row.limit)
        return [
            .init(group), .init(who), of(number(now.cpus), limit.cpus?.description),
            of(memory(now.memoryBytes), limit.memoryBytes.map(memory)), of("\(now.gpus)", limit.gpus.map { "\($0)" }),
            of("\(now.runningJobs)", limit.runningJobs.map { "\($0)" }),
            of("\(now.waitingJobs)", limit.waitingJobs.map { "\($0)" }), .init(number(row.past.cpuHours)),
            .init(number(row.past.gpuHours)),
        ]
    }

    private static func memory(_ bytes: Int64) -> String { bytes == 0 ? "0" : MemorySize(bytes: bytes).description }

    /// With one digit behind the point, and without it where that says nothing.
    private static func number(_ value: Double) -> String {
        let rounded = (value * 10).rounded() / 10
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}
