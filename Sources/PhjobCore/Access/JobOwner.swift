/// Whose a job is. The name and the uid together: once an account is gone, either may be given to somebody else.
package struct JobOwner: Sendable, Hashable {
    package let uid: UInt32
    package let name: String

    package init(uid: UInt32, name: String) {
        self.uid = uid
        self.name = name
    }
}

extension JobSpec.User {
    package var owner: JobOwner { JobOwner(uid: uid, name: name) }
}
