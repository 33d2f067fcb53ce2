import Glibc
import PhjobSystem

/// Measures; `scripts/bench` prepares and cleans up.
///
/// All settings come in the environment: `BENCH_PHJOB`, `BENCH_HELLO`, `BENCH_SCRATCH`, `BENCH_ENGINES`, `BENCH_LABEL`,
/// `BENCH_QUICK`, `BENCH_JSON` (a file). The arguments are the numbers of the figures.
@main
enum PhjobBench {
    static func main() {
        do {
            let bench = try bench()
            var rows: [Row] = []
            for figure in CommandLine.arguments.dropFirst() {
                do {
                    rows += try measure(figure, bench)
                } catch {
                    Words.say("figure \(figure): \(error)")
                    rows.append(Row(Int(figure) ?? 0, "figure \(figure) could not be taken", .count, [], .atMost(0)))
                }
            }
            let report = Report(rows: rows)
            if let file = variable("BENCH_JSON"), !file.isEmpty {
                try Descriptor(opening: file, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644).write(report.json)
            }
            print(report.text, terminator: "")
            // A figure that falls short is a result; one that could not be taken is a failure.
            exit(rows.contains { $0.samples.isEmpty } ? 1 : 0)
        } catch {
            Words.say("bench: \(error)")
            exit(1)
        }
    }

    private static func measure(_ figure: String, _ bench: Bench) throws -> [Row] {
        switch figure {
        case "1": try ManyJobsFigure(bench: bench).rows()
        case "2": try OneJobFigure(bench: bench).rows()
        case "3": try SubmissionFigure(bench: bench).rows()
        case "4": try LongListFigure(bench: bench).rows()
        case "5": try MemoryFigure(bench: bench).rows()
        case "6": try IdleFigure(bench: bench).rows()
        case "7": try LargeLogFigure(bench: bench).rows()
        case "8": try CrowdFigure(bench: bench).rows()
        default: throw Problem("there is no such figure")
        }
    }

    private static func bench() throws -> Bench {
        let environment = environment()
        let label = try required("BENCH_LABEL")
        let engines = try required("BENCH_ENGINES").split(separator: " ").map { name in
            let path = try program(String(name))
            return BareEngine(
                name: String(name), tool: Tool(executable: path, environment: environment), label: label)
        }
        return Bench(
            phjob: try required("BENCH_PHJOB"), hello: try required("BENCH_HELLO"), spooler: try program("tsp"),
            strace: try program("strace"), scratch: try required("BENCH_SCRATCH"), engines: engines,
            isQuick: variable("BENCH_QUICK") == "yes")
    }

    private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }

    private static func required(_ name: String) throws -> String {
        guard let value = variable(name), !value.isEmpty else {
            throw Problem("\(name) is not set; scripts/bench does it")
        }
        return value
    }

    private static func program(_ name: String) throws -> String {
        let places = (variable("PATH") ?? "/usr/bin").split(separator: ":").map { "\($0)/\(name)" }
        guard let path = places.first(where: { access($0, X_OK) == 0 }) else {
            throw Problem("there is no program '\(name)'; scripts/bench installs it")
        }
        return path
    }

    /// The environment of every program: what engines need, and nothing of phjob's own.
    private static func environment() -> [String: String] {
        let names = [
            "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "DOCKER_HOST",
            "CONTAINERS_CONF", "CONTAINERS_CONF_OVERRIDE",
        ]
        return Dictionary(uniqueKeysWithValues: names.compactMap { name in variable(name).map { (name, $0) } })
    }
}
