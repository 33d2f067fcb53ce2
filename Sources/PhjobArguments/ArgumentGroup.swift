/// A value made of declared arguments: a command, or options that several commands share.
///
/// The properties' initial values are the defaults.
package protocol ArgumentGroup: Sendable {
    /// The value with all defaults.
    init()

    /// The declarations, in the order of help. A `static let`.
    static var arguments: [ArgumentSpec<Self>] { get }
}

extension ArgumentGroup {
    /// This value with everything from `lower` that was not given here, so that the command line and environment
    /// (here) beat a script's directives (`lower`): optionals that are nil, flags that are off. Repeated values are
    /// joined, those of `lower` first. Plain properties cannot tell and keep their value: see `layeringProblems()`.
    package func filled(from lower: Self) -> Self {
        var result = self
        for member in Self.members {
            member.fill(&result, lower)
        }
        return result
    }

    /// What keeps `filled(from:)` from being exact for this group; a test should see it empty.
    package static func layeringProblems() -> [String] {
        members.filter { !$0.tellsAbsence }.map { member in
            "\(member.info.displayName): make its property optional to tell whether it was given"
        }
    }

    /// The declarations' descriptions with the defaults that a new value has.
    package static func argumentInfos() -> [ArgumentInfo] {
        let initial = Self()
        return members.map { $0.described(by: initial) }
    }

    /// The declarations without their grouping.
    static var members: [ArgumentMember<Self>] { arguments.flatMap(\.members) }
}
