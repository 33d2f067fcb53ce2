import CPhjobLinux

extension Descriptor {
    /// When the file was made, in milliseconds since 1970 (statx(2)); `nil` if its file system does not know.
    package var birthTime: Int64? {
        let time = phjob_birth_time(number)
        return time < 0 ? nil : time
    }
}
