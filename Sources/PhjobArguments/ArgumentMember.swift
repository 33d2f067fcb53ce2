/// One declared argument of `Root`: its description, and how its values get into a `Root`.
struct ArgumentMember<Root: Sendable>: Sendable {
    /// The description, without the default.
    var info: ArgumentInfo
    /// Whether "not given" can be told from the property.
    var tellsAbsence: Bool
    /// Writes what was given.
    var store: @Sendable (inout Root, ArgumentWord, ArgumentSource) throws(ValueError) -> Void
    /// Reads the default's text from an initial value.
    var defaultText: @Sendable (Root) -> String?
    /// See `ArgumentGroup.filled(from:)`.
    var fill: @Sendable (inout Root, Root) -> Void

    /// The description with the default that `initial` has.
    func described(by initial: Root) -> ArgumentInfo {
        var result = info
        if result.defaultText == nil, !result.isRequired {
            result.defaultText = defaultText(initial)
        }
        return result
    }

    /// The same argument, of a value that holds `Root` as a property.
    func lifted<Outer: Sendable>(into path: any WritableKeyPath<Outer, Root> & Sendable) -> ArgumentMember<Outer> {
        ArgumentMember<Outer>(
            info: info,
            tellsAbsence: tellsAbsence,
            store: { [store] outer, word, source throws(ValueError) in
                try store(&outer[keyPath: path], word, source)
            },
            defaultText: { [defaultText] outer in defaultText(outer[keyPath: path]) },
            fill: { [fill] outer, lower in fill(&outer[keyPath: path], lower[keyPath: path]) })
    }
}
