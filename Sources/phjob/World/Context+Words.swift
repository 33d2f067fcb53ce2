import PhjobAPI
import PhjobArguments
import PhjobCore

extension Context {
    /// Prints a line of data.
    func print(_ line: String) throws {
        try output.write(line + "\n")
    }

    /// Prints data as JSON, with sorted keys.
    func printJSON(_ value: some Encodable) throws {
        try output.write(try JSONBody.encode(value, pretty: true) + [UInt8(ascii: "\n")])
    }

    /// Says something to a person. That nobody listens is no failure.
    func note(_ text: String) {
        try? errors.write("phjob: \(TerminalText.escaped(text, keepingNewlines: true))\n")
    }

    /// Says on a terminal what a day stands for.
    func explain(_ since: SinceArgument?) {
        if let words = since?.note, errors.terminal != nil { note(words) }
    }

    func warn(_ text: String) {
        note("warning: \(text)")
    }

    /// Says why something was not done.
    func report(_ error: any Error) {
        switch error {
        case let error as UsageError: try? errors.write("\(error)\n")
        case is APIClient.Interrupted: note("interrupted")
        case let error as APIClient.NotRunning: note("\(error); see 'phjob runner status'")
        default: note("\(error)")
        }
    }
}
