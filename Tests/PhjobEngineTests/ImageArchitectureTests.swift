import PhjobEngine
import Testing

struct ImageArchitectureTests {
    /// As the kernel shows what Debian's qemu-user-binfmt registers.
    private static func emulator(_ state: String = "enabled", flags: String = "OCF") -> String {
        """
        \(state)
        interpreter /usr/bin/qemu-aarch64
        flags: \(flags)
        offset 0
        magic 7f454c460201010000000000000000000200b700
        mask ffffffffffffff00fffffffffffffffffeffffff

        """
    }

    @Test(arguments: [
        ("amd64", "x86_64"), ("386", "x86_64"), ("arm64", "aarch64"), ("arm", "aarch64"), ("s390x", "s390x"),
        ("unknown", "x86_64"), ("arm64", "sparc64"), ("", "x86_64"),
    ])
    func runsOrMayRun(_ image: String, on machine: String) {
        #expect(ImageArchitecture.problem(image, machine: machine, formats: []) == nil)
    }

    @Test(arguments: [("arm64", "x86_64", "amd64"), ("amd64", "aarch64", "arm64"), ("riscv64", "x86_64", "amd64")])
    func doesNotRun(_ image: String, on machine: String, own: String) {
        #expect(
            ImageArchitecture.problem(image, machine: machine, formats: [])
                == "the image is for \(image) processors, and this machine has \(own) (\(machine)); "
                + "choose an image for \(own)")
    }

    @Test func emulators() {
        let problem = { ImageArchitecture.problem($0, machine: "x86_64", formats: ["enabled\n", Self.emulator()]) }
        #expect(problem("arm64") == nil && problem("riscv64") != nil)
        for format in [Self.emulator("disabled"), Self.emulator(flags: "OC"), "", "enabled\nextension .py\n"] {
            #expect(ImageArchitecture.problem("arm64", machine: "x86_64", formats: [format]) != nil)
        }
    }
}
