/// Why a piece of text is not a value of the wanted kind; the message is a lower-case fragment for a person.
package struct InvalidValue: Error, Sendable, Equatable, CustomStringConvertible {
    package let message: String

    package init(_ message: String) {
        self.message = message
    }

    package var description: String { message }
}
