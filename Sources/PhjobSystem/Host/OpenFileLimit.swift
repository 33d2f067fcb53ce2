import Glibc

/// How many descriptors this process may have open (getrlimit(2), `RLIMIT_NOFILE`).
package enum OpenFileLimit {
    /// Raises the soft limit, which is 1024 nearly everywhere for the sake of select(2), as far as the hard limit allows.
    ///
    /// - Parameter wanted: beyond this nothing is raised: programs are known that look at each number there may be.
    package static func raise(to wanted: UInt64) {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < rlim_t(wanted) else { return }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(wanted))
        setrlimit(resource, &limit)
    }
}
