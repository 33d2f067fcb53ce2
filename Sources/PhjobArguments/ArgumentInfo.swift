/// The description of one flag, option or positional argument: pure data that parsing, help, completions and man
/// pages share.
package struct ArgumentInfo: Equatable, Sendable {
    /// What kind of word it is.
    package enum Kind: Equatable, Sendable {
        case flag
        case option
        case positional
        /// Takes every later word verbatim, options included.
        case remaining(RemainingStart)
    }

    /// The kind.
    package var kind: Kind
    /// With their dashes, in the order of the declaration; empty for words that are known by their place.
    package var names: [String] = []
    /// The names that switch a flag off.
    package var inverseNames: [String] = []
    /// What stands for the value in help, without brackets.
    package var valueName = ""
    /// One lower-case fragment without a full stop.
    package var help: String
    /// The default, if there is one to show.
    package var defaultText: String?
    /// Whether it must be given.
    package var isRequired = false
    /// Whether it takes more than one value.
    package var isRepeatable = false
    /// The environment variable that is used where the command line gives nothing.
    package var environmentName: String?
    /// Every valid text, if they can be listed.
    package var validValues: [String] = []
    /// What shells offer.
    package var completion = CompletionKind.none
    /// Whether help and shells leave it out.
    package var isHidden = false
    /// The heading in help; nil stands for the general one.
    package var section: String?

    /// The name to use in messages: the first long name, the first name, or `<value>`.
    package var displayName: String {
        names.first { $0.hasPrefix("--") } ?? names.first ?? "<\(valueName)>"
    }

    /// Whether it is given by name.
    package var isNamed: Bool { kind == .flag || kind == .option }

    /// Whether it takes every later word.
    package var isRemaining: Bool {
        if case .remaining = kind { true } else { false }
    }

    /// `--help`, which every command has.
    static let help = ArgumentInfo(kind: .flag, names: ["-h", "--help"], help: "show this help")
    /// `--version`, which only the root has.
    static let version = ArgumentInfo(kind: .flag, names: ["--version"], help: "show the version")
}
