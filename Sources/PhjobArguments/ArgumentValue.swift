/// A type whose values can be written as one word of a command line.
///
/// A domain type conforms with `init(argument:)` alone, if its `description` is what a person would type:
/// ```
/// extension MemorySize: ArgumentValue {
///     package init(argument: String) throws { self = try MemorySize(parsing: argument) }
/// }
/// ```
/// An enum that is `CaseIterable` with `String` raw values needs nothing but the conformance.
package protocol ArgumentValue: ArgumentStorage where ArgumentElement == Self {
    /// Reads a value.
    ///
    /// - Throws: any error; its description is shown as the reason (see `ValueError`).
    init(argument: String) throws

    /// What would have to be typed for this value; help shows it for defaults.
    var argumentText: String { get }

    /// The name that stands for a value in help, unless the option gives its own.
    static var valueName: String { get }

    /// Every valid text, or nothing if they cannot be listed. Shown in help, in errors, and offered by shells.
    static var validValues: [String] { get }

    /// What shells offer, unless the option says otherwise.
    static var completion: CompletionKind { get }
}

extension ArgumentValue {
    package var argumentText: String { String(describing: self) }
    package static var valueName: String { "value" }
    package static var validValues: [String] { [] }
    package static var completion: CompletionKind { validValues.isEmpty ? .none : .values(validValues) }
}

extension ArgumentValue where Self: CaseIterable & RawRepresentable, RawValue == String {
    package init(argument: String) throws {
        guard let value = Self(rawValue: argument) else {
            let choices = Self.validValues.map { "'\($0)'" }.joined(separator: ", ")
            let hint = Suggestion.best(for: argument, among: Self.validValues).map { "; did you mean '\($0)'?" } ?? ""
            throw ValueError("must be one of \(choices)\(hint)")
        }
        self = value
    }

    package var argumentText: String { rawValue }
    package static var validValues: [String] { allCases.map(\.rawValue) }
}

extension String: ArgumentValue {
    package init(argument: String) {
        self = argument
    }

    package static var valueName: String { "text" }
}

extension Int: ArgumentValue {
    package init(argument: String) throws {
        guard let value = Int(argument) else {
            let digits = argument.drop { $0 == "-" || $0 == "+" }
            let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (48...57).contains($0) }
            throw ValueError(isNumber ? "the number is too large" : "must be a whole number")
        }
        self = value
    }

    package static var valueName: String { "number" }
}
