/// A manual page as a file.
package struct ManPage: Equatable, Sendable {
    /// The file's name: `phjob-submit.1`.
    package let fileName: String
    /// The page in roff's `man` macros.
    package let text: String
}
