/// A property type that an option or positional argument can be written to: `V`, `V?`, `[V]` or `Given<V>` for an
/// `ArgumentValue` V. One protocol instead of overloads keeps long lists of declarations quick to compile.
package protocol ArgumentStorage: Sendable {
    /// The type of one word's value.
    associatedtype ArgumentElement: ArgumentValue

    /// How many values the storage takes, and whether it can be without any.
    static var argumentArity: ArgumentArity { get }

    /// Takes a value that was given.
    mutating func storeArgument(_ value: ArgumentElement, from source: ArgumentSource)

    /// The text that help shows as the default if this is the initial value.
    var argumentDefault: String? { get }

    /// Takes what `lower` has where nothing was given here. Of repeated values, those of `lower` come first.
    mutating func fillArgument(from lower: Self)
}

/// How many values a storage takes, and whether it can be without any.
package enum ArgumentArity: Equatable, Sendable {
    /// Always has a value; whether it was given cannot be told.
    case plain
    /// Has a value if one was given.
    case optional
    /// Has any number of values.
    case repeated
}

extension ArgumentValue {
    package static var argumentArity: ArgumentArity { .plain }

    package mutating func storeArgument(_ value: Self, from source: ArgumentSource) {
        self = value
    }

    package var argumentDefault: String? {
        let text = argumentText
        return text.isEmpty ? nil : text
    }

    package mutating func fillArgument(from lower: Self) {}
}

extension Optional: ArgumentStorage where Wrapped: ArgumentValue {
    package static var argumentArity: ArgumentArity { .optional }

    package mutating func storeArgument(_ value: Wrapped, from source: ArgumentSource) {
        self = value
    }

    package var argumentDefault: String? { self?.argumentDefault }

    package mutating func fillArgument(from lower: Self) {
        self = self ?? lower
    }
}

extension Array: ArgumentStorage where Element: ArgumentValue {
    package static var argumentArity: ArgumentArity { .repeated }

    package mutating func storeArgument(_ value: Element, from source: ArgumentSource) {
        append(value)
    }

    package var argumentDefault: String? { isEmpty ? nil : map(\.argumentText).joined(separator: ", ") }

    package mutating func fillArgument(from lower: Self) {
        self = lower + self
    }
}
