/// FNV-1a with 64 bits (RFC 9923): tells a row of the index from what a crash or a bad disk made of it.
enum Checksum {
    static func of(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt64 {
        UnsafeRawBufferPointer(rebasing: bytes).reduce(0xcbf2_9ce4_8422_2325) {
            ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3
        }
    }
}
