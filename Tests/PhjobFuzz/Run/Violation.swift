/// A property that an input breaks.
struct Violation: Error {
    let message: String

    init(_ message: String) {
        self.message = String(message.prefix(2000))
    }
}
