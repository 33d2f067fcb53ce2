import PhjobTestSupport
import Testing

@testable import PhjobEngine

struct CDISpecificationsTests {
    static let yaml = """
        ---
        cdiVersion: 0.5.0
        containerEdits:
          env:
          - NVIDIA_VISIBLE_DEVICES=void
          hooks:
          - args: ["nvidia-cdi-hook", "create-symlinks"]
            hookName: createContainer
        devices:
        - containerEdits:
            deviceNodes:
            - path: /dev/nvidia0
          name: "0"
        - containerEdits:
            deviceNodes:
            - path: /dev/nvidia0
          name: GPU-a008e90f-259e-df57-7988-63b6831fff68
        kind: nvidia.com/gpu
        """

    @Test(
        arguments: [
            (yaml, ["0", "GPU-a008e90f-259e-df57-7988-63b6831fff68"]),
            (
                #"{"cdiVersion":"0.5.0","kind":"nvidia.com/gpu","devices":[{"name":"GPU-a"},{"name":"all"}]}"#,
                ["GPU-a", "all"]
            ),
            (
                "{ \"kind\": \"nvidia.com/gpu\",\n \"devices\": [ { \"name\" : \"x\" }, { \"name\": \"GPU-b\" } ] }",
                ["GPU-b"]
            ),
            (#"{"kind":"vendor.com/device","devices":[{"name":"GPU-a"}]}"#, []), ("", []), ("kind:", []),
            ("kind: nvidia.com/gpu\nname:", []), ("kind: 'nvidia.com/gpu'\ndevices: [{name: 'GPU-c'}]", ["GPU-c"]),
        ] as [(String, [String])])
    func names(_ text: String, _ expected: [String]) {
        #expect(CDISpecifications.gpuNames(in: text) == Set(expected))
    }

    @Test func filesOfSeveralDirectories() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Self.yaml, to: "nvidia.yaml")
        try directory.write(#"{"kind":"nvidia.com/gpu","devices":[{"name":"GPU-b"}]}"#, to: "other.json")
        try directory.write(#"{"kind":"nvidia.com/gpu","devices":[{"name":"GPU-c"}]}"#, to: "other.json.old")
        let found = CDISpecifications(directories: ["/none", directory.path])
        #expect(found.gpuNames == ["0", "GPU-a008e90f-259e-df57-7988-63b6831fff68", "GPU-b"])
        #expect(CDISpecifications(directories: []).gpuNames.isEmpty)
    }
}
