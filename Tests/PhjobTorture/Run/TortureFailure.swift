/// Promises that were broken.
struct TortureFailure: Error {
    let violations: [Violation]

    init(_ violations: [Violation]) { self.violations = violations }

    init(_ text: String) { self.init([Violation(text)]) }
}
