import PhjobCore
import Testing

@testable import PhjobEngine

struct NvidiaSMIOutputTests {
    private static let first = "GPU-a008e90f-259e-df57-7988-63b6831fff68"
    private static let second = "GPU-a1ea1946-07c0-8ed5-2ba1-d96f82c89cd3"

    private static func device(_ index: Int, _ uuid: String, _ name: String, mebibytes: Int64?) -> GPUReading.Device {
        GPUReading.Device(
            gpu: GPU(index: index, uuid: uuid), name: name, memory: mebibytes.map { MemorySize(bytes: $0 << 20) })
    }

    private static let deviceLists: [(String, [GPUReading.Device])] = [
        ("", []), ("\n \n", []), ("No devices were found\n", []),
        (
            "0, \(first), NVIDIA GeForce RTX 4080 SUPER, 32760\n1, \(second), Tesla T4, 15360\n",
            [
                device(0, first, "NVIDIA GeForce RTX 4080 SUPER", mebibytes: 32760),
                device(1, second, "Tesla T4", mebibytes: 15360),
            ]
        ),
        ("3,\(first),Tesla T4,15360\r\n", [device(3, first, "Tesla T4", mebibytes: 15360)]),
        ("0, \(first), NVIDIA GB10, [N/A]", [device(0, first, "NVIDIA GB10", mebibytes: nil)]),
        ("0, \(first), Tesla T4, [Not Supported]", [device(0, first, "Tesla T4", mebibytes: nil)]),
        ("0, \(first), Odd, with commas,, 1", [device(0, first, "Odd, with commas, ", mebibytes: 1)]),
        ("0, \(first), , 1", [device(0, first, "", mebibytes: 1)]),
        ("0, \(first), T, 9223372036854775807", [device(0, first, "T", mebibytes: nil)]),
        ("0, \(first), T, -1", [device(0, first, "T", mebibytes: nil)]),
        (
            "0, \(first), A100, 81920\n0, MIG-3eb87630-93d5-b2b6-b8ff-9b359caf4ee2, A100 MIG 1g.10gb, 9728\n",
            [device(0, first, "A100", mebibytes: 81920)]
        ),
        (
            "0, \(first), T4, 1\nWARNING: infoROM is corrupted at gpu 0000:00:1E.0\n",
            [device(0, first, "T4", mebibytes: 1)]
        ),
    ]

    @Test(arguments: deviceLists) func gpus(_ text: String, _ expected: [GPUReading.Device]) throws {
        #expect(try NvidiaSMIOutput.devices(text) == expected)
    }

    /// Who cannot be sure what there is gives nothing out.
    @Test(arguments: [
        "garbage", "0", "0, \(first)", "0, \(first), T4", "x, \(first), T4, 1", "-1, \(first), T4, 1",
        "0, , T4, 1", "0, [N/A], T4, 1", "0, GPU-, T4, 1", "0, GPU-a b, T4, 1", "0, GPU-a=all, T4, 1",
        "0, GPU-a\"b, T4, 1", "0, GPU-\u{e9}, T4, 1", "0, all, T4, 1", "0, \(first), A, 1\n0, \(second), B, 1",
        "0, \(first), A, 1\n1, \(first), B, 1", "0, GPU-\(String(repeating: "a", count: 100)), A, 1",
        "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.",
        "Unable to determine the device handle for GPU 0000:01:00.0: Unknown Error", "\u{1b}[2J",
    ])
    func noGPUs(_ text: String) {
        let error = #expect(throws: NvidiaSMI.Failure.self) { try NvidiaSMIOutput.devices(text) }
        #expect(error?.description.hasPrefix("nvidia-smi printed no list of GPUs, but '") == true)
        #expect(error?.description.contains("\u{1b}") == false)
    }

    private static let processLists: [(String, [GPUReading.Process])] = [
        ("", []), ("No running processes found\n", []), ("No devices were found\n", []),
        ("\(first), 5627\n\(second), 77\n", [.init(uuid: first, pid: 5627), .init(uuid: second, pid: 77)]),
        ("\(first),1\r\n", [.init(uuid: first, pid: 1)]),
        ("MIG-3eb87630-93d5-b2b6-b8ff-9b359caf4ee2, 12\n\(first), 2", [.init(uuid: first, pid: 2)]),
    ]

    @Test(arguments: processLists) func processes(_ text: String, _ expected: [GPUReading.Process]) throws {
        #expect(try NvidiaSMIOutput.processes(text) == expected)
    }

    @Test(arguments: [
        "garbage", "\(first)", "\(first), 12, python", "\(first), [N/A]", "\(first), 0", "\(first), -4",
        "\(first), 99999999999", "[N/A], 12", ", ", "\(first), 12,",
    ])
    func noProcesses(_ text: String) {
        let error = #expect(throws: NvidiaSMI.Failure.self) { try NvidiaSMIOutput.processes(text) }
        #expect(error?.description.hasPrefix("nvidia-smi printed no list of processes, but '") == true)
    }
}
