import CPhjobLinux

/// The allocator of this process.
package enum MemoryAllocator {
    /// From now on every large block comes from the kernel, and goes back to it when it is freed (mallopt(3), `M_MMAP_THRESHOLD`).
    ///
    /// By itself glibc takes blocks of up to 32 MiB from its arenas once one of that size has been freed, and keeps what they hold:
    /// a server of which many ask for much once would stay as large as it was then.
    package static func keepNoLargeBlocks() {
        _ = mallopt(M_MMAP_THRESHOLD, 256 << 10)
    }
}
