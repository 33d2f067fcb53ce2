/// An engine's client without phjob: what phjob is compared with.
struct BareEngine {
    let name: String
    let tool: Tool
    /// Marks the containers of this run, so that the script can remove what is left.
    let label: String

    private var options: [String] { ["--network", "none", "--label", label] }

    /// The arguments of what a person would type in phjob's place.
    func run(_ words: [String]) -> [String] { ["run", "--rm"] + options + [Bench.image] + words }

    /// The same in the background; the container stays.
    func runDetached(_ container: String, _ words: [String]) -> [String] {
        ["run", "--detach", "--name", container] + options + [Bench.image] + words
    }

    /// Blocks until no container has the label. Asking costs the engine something, so that this is not free.
    func waitUntilNoneHas(label: String, in directory: String) throws {
        while try !tool.text(["ps", "--all", "--quiet", "--filter", "label=\(label)"], in: directory).isEmpty {}
    }
}
