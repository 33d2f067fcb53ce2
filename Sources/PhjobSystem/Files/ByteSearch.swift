import CPhjobLinux
import Glibc

extension UnsafeRawBufferPointer {
    /// Where a byte stands first (memchr(3)); nil if it does not.
    package func offset(of byte: UInt8) -> Int? {
        guard let start = baseAddress, let found = memchr(start, Int32(byte), count) else { return nil }
        return start.distance(to: UnsafeRawPointer(found))
    }

    /// Where a byte stands last (memrchr(3)); nil if it does not.
    package func lastOffset(of byte: UInt8) -> Int? {
        guard let start = baseAddress, let found = phjob_memrchr(start, Int32(byte), count) else { return nil }
        return start.distance(to: UnsafeRawPointer(found))
    }
}
