import Glibc

/// Facts about the running kernel.
package enum Boot {
    /// An id that changes with every boot (proc(5): `/proc/sys/kernel/random/boot_id`).
    package static let id: String = {
        let bytes = try? Descriptor(opening: "/proc/sys/kernel/random/boot_id", flags: O_RDONLY).readAll(limit: 256)
        let text = String(decoding: bytes ?? [], as: UTF8.self)
        return String(text.prefix { !$0.isNewline })
    }()
}
