import FoundationEssentials
import PhjobCore
import Testing

@testable import PhjobEngine

struct SeccompProfileTests {
    private static let base = #"""
        {"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,"archMap":[{"architecture":"SCMP_ARCH_X86_64"}],"syscalls":[
        {"names":["bpf"],"action":"SCMP_ACT_ERRNO","args":[],"errnoRet":1},
        {"names":["accept","clone","clone3","setns","unshare","write"],"action":"SCMP_ACT_ALLOW","args":[]},
        {"names":["setns"],"action":"SCMP_ACT_ALLOW","args":[],"includes":{"caps":["CAP_SYS_ADMIN"]}},
        {"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":4294967295,"op":"SCMP_CMP_EQ"}]}]}
        """#

    private func decoded(_ bytes: [UInt8]) throws -> JSONValue {
        try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
    }

    /// All that the base says of other calls is kept; those by which namespaces are made have docker's rules.
    @Test func derived() throws {
        let derived = try decoded(#require(SeccompProfile.text(base: Array(Self.base.utf8))))
        let expected = #"""
            {"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,"archMap":[{"architecture":"SCMP_ARCH_X86_64"}],"syscalls":[
            {"names":["bpf"],"action":"SCMP_ACT_ERRNO","args":[],"errnoRet":1},
            {"names":["accept","write"],"action":"SCMP_ACT_ALLOW","args":[]},
            {"names":["personality"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":4294967295,"op":"SCMP_CMP_EQ"}]},
            {"names":["clone"],"action":"SCMP_ACT_ALLOW",
             "args":[{"index":0,"value":2114060288,"valueTwo":0,"op":"SCMP_CMP_MASKED_EQ"}]},
            {"names":["clone3"],"action":"SCMP_ACT_ERRNO","errnoRet":38},
            {"names":["unshare","setns"],"action":"SCMP_ACT_ERRNO","errnoRet":1}]}
            """#
        #expect(derived == (try decoded(Array(expected.utf8))))
    }

    @Test(arguments: ["", "[]", "{}", #"{"syscalls":[]}"#, #"{"syscalls":[{"name":"clone"}]}"#, "json"])
    func noProfile(_ base: String) { #expect(SeccompProfile.text(base: Array(base.utf8)) == nil) }
}
