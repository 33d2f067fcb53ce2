/// What every figure is measured with.
struct Bench {
    /// The program's release build.
    let phjob: String
    /// A statically linked hello-world of the same toolchain.
    let hello: String
    let spooler: String
    let strace: String
    /// A directory that the caller removes.
    let scratch: String
    let engines: [BareEngine]
    /// Fewer repetitions.
    let isQuick: Bool

    /// The image of all jobs; it holds busybox.
    static let image = "localhost/phjob/minimal:latest"

    /// How often to measure something.
    ///
    /// - Parameter seconds: of a thorough run, after which nothing is repeated any more.
    func rounds(_ thorough: Int, quick: Int, within seconds: Double) -> Rounds {
        Rounds(isQuick ? quick : thorough, within: isQuick ? seconds / 4 : seconds)
    }

    func count(_ thorough: Int, quick: Int) -> Int { isQuick ? quick : thorough }

    /// Says what is being measured.
    func say(_ text: String) {
        Words.say("    \(text)")
    }

    func firstEngine() throws -> BareEngine {
        guard let engine = engines.first else { throw Problem("no engine was named") }
        return engine
    }
}
