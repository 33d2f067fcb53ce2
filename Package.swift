// swift-tools-version: 6.2
import PackageDescription

/// The settings of every Swift target: language mode 6 comes with the tools version; a warning is an error.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// A module of the product. Its arrows are documented in `Sources/README.md`.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of one module, or of the whole.
func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: resources, swiftSettings: strict)
}

let package = Package(
    name: "phjob",
    products: [.executable(name: "phjob", targets: ["phjob"])],
    targets: [
        .systemLibrary(name: "CPhjobLinux"),
        module("PhjobCore"),
        .target(
            name: "PhjobSystem", dependencies: ["CPhjobLinux"], swiftSettings: strict,
            // Libraries find this one, see `WholeDirectoryEntries.swift`.
            linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic-symbol=readdir"])]),
        module("PhjobHTTP"),
        module("PhjobArguments"),
        module("PhjobEngine", ["PhjobCore", "PhjobSystem"]),
        module("PhjobStore", ["PhjobCore", "PhjobSystem"]),
        module("PhjobAPI", ["PhjobCore", "PhjobHTTP"]),
        module("PhjobRunner", ["PhjobCore", "PhjobSystem", "PhjobHTTP", "PhjobEngine", "PhjobStore", "PhjobAPI"]),
        .executableTarget(
            name: "phjob",
            dependencies: [
                "PhjobCore", "PhjobSystem", "PhjobAPI", "PhjobArguments", "PhjobRunner", "PhjobEngine", "PhjobStore",
            ],
            swiftSettings: strict),

        .target(
            name: "PhjobTestSupport", dependencies: ["CPhjobLinux", "PhjobCore", "PhjobSystem"],
            path: "Tests/PhjobTestSupport",
            swiftSettings: strict),
        tests("PhjobCoreTests", ["PhjobCore"]),
        tests("PhjobSystemTests", ["PhjobSystem", "PhjobTestSupport"]),
        tests("PhjobHTTPTests", ["PhjobHTTP", "PhjobTestSupport"]),
        tests("PhjobArgumentsTests", ["PhjobArguments"], resources: ["Golden"]),
        tests("PhjobEngineTests", ["PhjobEngine", "PhjobCore", "PhjobSystem", "PhjobTestSupport"]),
        tests(
            "PhjobStoreTests", ["PhjobStore", "PhjobSystem", "PhjobCore", "PhjobTestSupport"], resources: ["Fixtures"]),
        .executableTarget(
            name: "PhjobRunnerHost", dependencies: ["PhjobRunner", "PhjobCore"], path: "Tests/PhjobRunnerHost",
            swiftSettings: strict),
        .executableTarget(
            name: "PhjobAttacker", dependencies: ["PhjobSystem"], path: "Tests/PhjobAttacker", swiftSettings: strict),
        .target(
            name: "PhjobRunnerTestSupport",
            dependencies: ["PhjobAPI", "PhjobCore", "PhjobEngine", "PhjobSystem", "PhjobTestSupport"],
            path: "Tests/PhjobRunnerTestSupport", exclude: ["Fixtures"], swiftSettings: strict),
        .executableTarget(
            name: "PhjobBench", dependencies: ["PhjobAPI", "PhjobCore", "PhjobStore", "PhjobSystem"],
            path: "Tests/PhjobBench", swiftSettings: strict),
        tests("PhjobBenchTests", ["PhjobBench"]),
        tests(
            "PhjobRunnerTests",
            [
                "PhjobRunnerHost", "PhjobAttacker", "PhjobRunner", "PhjobAPI", "PhjobCore", "PhjobStore", "PhjobEngine",
                "PhjobHTTP", "PhjobSystem", "PhjobTestSupport", "PhjobRunnerTestSupport",
            ]),
        tests(
            "PhjobFaultTests",
            [
                "PhjobRunnerHost", "PhjobAPI", "PhjobCore", "PhjobStore", "PhjobEngine", "PhjobSystem",
                "PhjobTestSupport", "PhjobRunnerTestSupport",
            ],
            resources: ["Fixtures"]),
        .executableTarget(
            name: "PhjobFuzz",
            dependencies: [
                "PhjobCore", "PhjobHTTP", "PhjobAPI", "PhjobStore", "PhjobEngine", "PhjobArguments", "PhjobSystem",
                "PhjobTestSupport",
            ],
            path: "Tests/PhjobFuzz", swiftSettings: strict),
        tests("PhjobFuzzTests", ["PhjobFuzz", "PhjobSystem", "PhjobTestSupport", "PhjobRunnerTestSupport"]),
        .executableTarget(
            name: "PhjobTorture",
            dependencies: ["phjob", "PhjobCore", "PhjobAPI", "PhjobStore", "PhjobSystem", "PhjobTestSupport"],
            path: "Tests/PhjobTorture", swiftSettings: strict),
        tests("PhjobTortureTests", ["PhjobTorture", "PhjobCore", "PhjobAPI", "PhjobTestSupport"]),
        tests("PhjobLiveTests", ["phjob", "PhjobCore", "PhjobAPI", "PhjobSystem", "PhjobTestSupport"]),
        tests(
            "phjobTests",
            [
                "phjob", "PhjobAPI", "PhjobArguments", "PhjobCore", "PhjobHTTP", "PhjobRunner", "PhjobSystem",
                "PhjobTestSupport",
            ]),
    ]
)
