import PhjobAPI
import PhjobCore
import PhjobRunner
import PhjobTestSupport
import Testing

@testable import phjob

struct TrialJobTests {
    private static let base = #"{"name": "base", "url": "localhost/base:1"}"#
    private static let small = #"{"name": "small", "cpuLimit": 1, "memoryLimit": "1G"}"#

    private func candidates(_ catalogue: String) throws -> [String] {
        let directory = try TemporaryDirectory()
        let path = try directory.write("{\(catalogue)}", to: "config.json")
        let view = CatalogueView(
            try CatalogueFile.load(path), caller: Caller(user: JobSpec.User(name: "ana", uid: 1000, gid: 1000)),
            free: .zero,
            capacity: ResourceAmount(cpu: CPUAmount(milli: 4000), memory: MemorySize(bytes: 8 << 30), gpus: 1))
        return TrialJob.candidates(view, command: "true", deadline: 60).map {
            [$0.groupName, $0.instanceType, $0.image].map { $0 ?? "-" }.joined(separator: " ")
        }
    }

    /// Who is in several groups, none of them the default, is not asked which.
    @Test func namesEverythingThatTheCatalogueLeavesOpen() throws {
        let groups = #""groups": [{"name": "a", "users": ["ana"]}, {"name": "b", "users": ["ana"]}, {"name": "c"}]"#
        #expect(
            try candidates(#"\#(groups), "images": [\#(Self.base)], "instanceTypes": [\#(Self.small)]"#)
                == ["a small base", "b small base"])
    }

    /// A type that is only one group's is tried with that group too, the smallest first, and none with GPUs.
    @Test func theBestFirst() throws {
        let catalogue = #"""
            "groups": [{"name": "a", "users": ["ana"]}, {"name": "b", "users": ["ana"]}],
            "instanceTypes": [{"name": "large", "cpuLimit": 4, "memoryLimit": "1G"},
              {"name": "tiny", "cpuLimit": 0.5, "memoryLimit": "1G", "groups": ["b"]},
              {"name": "gpu", "cpuLimit": 0.1, "memoryLimit": "1G", "gpuLimit": 1},
              {"name": "never", "cpuLimit": 0.1, "memoryLimit": "99G"}],
            "images": [{"name": "other", "url": "localhost/other:1"}, \#(Self.base)],
            "defaults": {"group": "b", "image": "base"}
            """#
        #expect(
            try candidates(catalogue) == [
                "b tiny base", "b large base", "b tiny other", "b large other",
                "a tiny base", "a large base", "a tiny other", "a large other",
            ])
    }

    @Test func whereAllHaveGPUsOneOfThemDoes() throws {
        let type = #"{"name": "gpu", "cpuLimit": 1, "memoryLimit": "1G", "gpuLimit": 1}"#
        #expect(
            try candidates(
                #""groups": [{"name": "a", "users": ["ana"]}], "images": [\#(Self.base)], "instanceTypes": [\#(type)]"#)
                == ["a gpu base"])
        #expect(try candidates(#""groups": [{"name": "a", "users": ["ana"]}]"#) == [])
    }
}
