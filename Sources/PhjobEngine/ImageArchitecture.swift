/// Whether this machine can run the programs of an image.
package enum ImageArchitecture {
    /// A kind of processor, by Go's name, with what uname(2) calls machines that run its programs, and the number of
    /// its ELF files as it stands in them (elf(5), `e_machine`), in hexadecimal.
    private static let kinds: [(name: String, machines: Set<String>, elf: String)] = [
        ("amd64", ["x86_64"], "3e00"), ("386", ["x86_64", "i386", "i486", "i586", "i686"], "0300"),
        ("arm64", ["aarch64"], "b700"), ("arm", ["aarch64", "armv6l", "armv7l", "armv8l"], "2800"),
        ("ppc64le", ["ppc64le"], "1500"), ("s390x", ["s390x"], "0016"), ("riscv64", ["riscv64"], "f300"),
        ("loong64", ["loongarch64"], "0201"),
    ]

    /// Why an image cannot run here; `nil` if it can, or if that is not known.
    ///
    /// - Parameters:
    ///   - architecture: Go's name, as the image has it.
    ///   - machine: uname(2)'s word for this one.
    ///   - formats: the files of /proc/sys/fs/binfmt_misc: other processors' programs may be run by an emulator.
    package static func problem(_ architecture: String, machine: String, formats: [String]) -> String? {
        guard let kind = kinds.first(where: { $0.name == architecture }),
            let own = kinds.first(where: { $0.machines.contains(machine) })?.name,
            !kind.machines.contains(machine), !formats.contains(where: { isEmulator($0, of: kind.elf) })
        else { return nil }
        return "the image is for \(architecture) processors, and this machine has \(own) (\(machine)); "
            + "choose an image for \(own)"
    }

    /// Whether a registration is in force, works inside containers (flag `F`), and is for ELF files of a number (Linux
    /// kernel, Documentation/admin-guide/binfmt-misc.rst).
    private static func isEmulator(_ format: String, of elf: String) -> Bool {
        let lines = format.split(separator: "\n")
        guard lines.first == "enabled", let flags = lines.first(where: { $0.hasPrefix("flags:") }), flags.contains("F"),
            lines.contains("offset 0"), let magic = lines.first(where: { $0.hasPrefix("magic ") })
        else { return false }
        let digits = magic.dropFirst("magic ".count)
        return digits.hasPrefix("7f454c46") && digits.dropFirst(36).hasPrefix(elf)
    }
}
