import Foundation
import PhjobSystem
import PhjobTestSupport

/// Ends runners at random moments, and checks that nothing comes of it. `scripts/torture --help` describes it.
@main
enum Torture {
    static func main() {
        do {
            exit(run(try TortureOptions(Array(CommandLine.arguments.dropFirst()))))
        } catch {
            say("torture: error: \(error)")
            exit(64)
        }
    }

    /// Prints a line at once.
    static func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

    /// - Returns: the exit status.
    private static func run(_ options: TortureOptions) -> Int32 {
        say("  seed \(options.seed): \(options.command)")
        do {
            try Subreaper.begin()
            let world = try TortureWorld(options.engine)
            defer { world.clear() }
            do {
                var run = try TortureRun(options, world)
                for line in try run.run() { say("  \(line)") }
                return run.isInterrupted ? 130 : 0
            } catch let failure as TortureFailure {
                world.directory.keep()
                report(failure, options, world)
            } catch is TortureRun.Interrupted {
                say("torture: interrupted before all was checked")
                return 130
            } catch {
                world.directory.keep()
                report(TortureFailure("\(error)"), options, world)
            }
        } catch {
            say("torture: error: \(error)")
        }
        return 1
    }

    private static func report(_ failure: TortureFailure, _ options: TortureOptions, _ world: TortureWorld) {
        say(Evidence(world: world).text(of: failure.violations))
        for violation in failure.violations.prefix(20) { say("torture: broken: \(violation)") }
        say("torture: \(failure.violations.count) promises broken; all files are kept in \(world.directory.path)")
        say("torture: to do the same once more: \(options.command)")
    }
}
