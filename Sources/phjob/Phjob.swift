import Glibc
import PhjobArguments

/// The program.
@main
enum Phjob {
    static func main() {
        // What a parent ignored would make a closed pipe an error to be told, where ending quietly is wanted.
        signal(SIGPIPE, SIG_DFL)
        let context = Context.process(program: { PhjobProgram.program.describe() })
        exit(run(bytes: RawText.processArguments, context))
    }

    /// As ``run(_:_:)``, for words that may be any bytes.
    static func run(bytes words: [[UInt8]], _ context: Context) -> Int32 {
        do throws(UsageError) {
            // A runner or a catalogue at a place with a name that was changed on the way would be another one.
            if let name = context.malformedVariables.filter({ $0.hasPrefix("PHJOB_") }).min() {
                throw UsageError(.other("the value of the variable \(name) is not UTF-8 text"))
            }
            return run(try RawText.arguments(words), context)
        } catch {
            context.report(error)
            return UsageError.exitStatus
        }
    }

    /// Does what a command line asks for.
    ///
    /// - Returns: the exit status.
    static func run(_ arguments: [String], _ context: Context) -> Int32 {
        let width = context.output.terminal?.columns ?? HelpRenderer.defaultWidth
        do {
            switch PhjobProgram.program.resolve(arguments, environment: context.environment, helpWidth: width) {
            case .run(let call): return try call.run(context)
            case .print(let text):
                try context.output.write(text)
                return 0
            case .fail(let error): throw error
            }
        } catch let error as UsageError {
            context.report(error)
            return UsageError.exitStatus
        } catch {
            context.report(error)
            return 1
        }
    }
}
