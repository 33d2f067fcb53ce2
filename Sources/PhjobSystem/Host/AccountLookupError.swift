/// The user or group database did not answer: a directory service (sssd, nslcd) is down, for example. That says nothing about
/// who there is. (getpwuid_r(3) and getgrnam_r(3) of the GNU C library return 0 for "no such entry", and an error number
/// only if a service that is configured could not be asked.)
package struct AccountLookupError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Who was looked up: `uid 1000`, `the Unix group 'lab'`.
    package let subject: String
    /// errno(3); nil where it is not known any more. It is often ENOENT, the service's socket, so its words would mislead.
    package let number: Int32?

    package init(_ subject: String, number: Int32? = nil) {
        self.subject = subject
        self.number = number
    }

    package var description: String {
        "the user database does not answer about \(subject)" + (number.map { " (error \($0))" } ?? "")
    }
}
