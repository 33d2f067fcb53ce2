/// Why a text is not a value of the wanted type: a lower-case fragment without the text itself, as in
/// `a duration needs a unit, as in '90s'`.
package struct ValueError: Error, Equatable, CustomStringConvertible {
    /// The fragment.
    package let reason: String

    /// An error with its reason.
    package init(_ reason: String) {
        self.reason = reason
    }

    /// The reason.
    package var description: String { reason }
}
