/// What went wrong in a test, in words.
package struct Failure: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) {
        self.description = description
    }
}
