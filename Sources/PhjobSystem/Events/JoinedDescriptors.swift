import CPhjobLinux
import Glibc

/// One descriptor that is readable while any of several is (epoll(7)).
package final class JoinedDescriptors: Sendable {
    package let descriptor: Descriptor
    /// Keeps the joined ones open.
    private let members: [Descriptor]

    package init(_ members: [Descriptor]) throws(SystemError) {
        self.members = members
        descriptor = Descriptor(owning: try retrying("cannot join descriptors") { phjob_epoll_create() })
        for member in members {
            try retrying("cannot join descriptors") { phjob_epoll_add_readable(descriptor.number, member.number) }
        }
    }
}
