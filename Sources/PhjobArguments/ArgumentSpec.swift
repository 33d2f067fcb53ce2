/// The declaration of one argument of `Root`, or of several under one heading or from a shared group.
///
/// ```
/// static let arguments: [ArgumentSpec<Self>] = [
///     .positional("job", to: \.jobs, help: "the jobs' ids", completion: .dynamic("jobs")),
///     .flag("--json", to: \.json, help: "print JSON"),
///     .group(\.filter),
/// ]
/// ```
package struct ArgumentSpec<Root: Sendable>: Sendable {
    let members: [ArgumentMember<Root>]

    init(_ members: [ArgumentMember<Root>]) {
        self.members = members
    }

    /// The same declaration for a value that holds `Root` as a property.
    package func lifted<Outer: Sendable>(
        into path: any WritableKeyPath<Outer, Root> & Sendable
    ) -> ArgumentSpec<Outer> {
        ArgumentSpec<Outer>(members.map { $0.lifted(into: path) })
    }

    /// All arguments of a shared group that `Root` holds as a property, except those with the given names.
    package static func group<Group: ArgumentGroup>(
        _ path: any WritableKeyPath<Root, Group> & Sendable, except names: String...
    ) -> Self {
        let kept = Group.members.filter { member in !member.info.names.contains { names.contains($0) } }
        return Self(kept.map { $0.lifted(into: path) })
    }

    /// Arguments that help shows under a heading of their own.
    package static func section(_ heading: String, _ specs: [Self]) -> Self {
        Self(
            specs.flatMap(\.members).map { member in
                var result = member
                result.info.section = member.info.section ?? heading
                return result
            })
    }
}
