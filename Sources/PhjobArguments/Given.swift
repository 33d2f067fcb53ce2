/// An optional argument that remembers where it was given, for errors that have to say so:
/// `unknown group 'x' (from PHJOB_GROUP)`.
package struct Given<Value: ArgumentValue>: Sendable {
    /// The value, if one was given.
    package private(set) var value: Value?
    /// Where it was given; nil exactly if there is no value.
    package private(set) var source: ArgumentSource?

    /// Nothing was given.
    package init() {}

    /// A value as if it had been given by `source`.
    package init(_ value: Value, from source: ArgumentSource) {
        self.value = value
        self.source = source
    }
}

extension Given: Equatable where Value: Equatable {}

extension Given: ArgumentStorage {
    package static var argumentArity: ArgumentArity { .optional }

    package mutating func storeArgument(_ value: Value, from source: ArgumentSource) {
        self = Given(value, from: source)
    }

    package var argumentDefault: String? { value?.argumentDefault }

    package mutating func fillArgument(from lower: Self) {
        if value == nil {
            self = lower
        }
    }
}
