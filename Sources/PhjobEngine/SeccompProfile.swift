import FoundationEssentials
import PhjobCore

/// A seccomp profile for jobs: podman's own without namespaces, as docker's profile has it.
///
/// podman lets unprivileged containers make user namespaces, in which they hold all capabilities against the kernel's
/// code; docker does not (moby, `profiles/seccomp/default.json`). The jobs of both get the same.
package enum SeccompProfile {
    /// Bits of clone(2) that make a namespace, as in docker's profile: mount, cgroup, uts, ipc, user, pid and net.
    private static let namespaceFlags: Int64 = 0x7E02_0000

    private static let systemCalls: Set<String> = ["clone", "clone3", "unshare", "setns"]

    /// errno(3): `EPERM`, and `ENOSYS`, on which the C library falls back from clone3(2) to clone(2).
    private static let (notPermitted, notImplemented): (Int64, Int64) = (1, 38)

    /// - Parameter base: a profile in the form of containers/common, whose rules for other calls are kept.
    /// - Returns: `nil` if it cannot be understood.
    package static func text(base: [UInt8]) -> [UInt8]? {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(base)),
            case .object(var profile) = value,
            case .array(let rules)? = profile["syscalls"], !rules.isEmpty
        else { return nil }
        var kept: [JSONValue] = []
        for rule in rules {
            guard case .object(var members) = rule, case .array(let names)? = members["names"] else { return nil }
            let others = names.filter { name in
                if case .string(let name) = name { !systemCalls.contains(name) } else { true }
            }
            members["names"] = .array(others)
            if !others.isEmpty { kept.append(.object(members)) }
        }
        profile["syscalls"] = .array(kept + ownRules)
        guard let data = try? JSONEncoder().encode(JSONValue.object(profile)) else { return nil }
        return Array(data)
    }

    private static var ownRules: [JSONValue] {
        let noNamespace = JSONValue.object([
            "index": .integer(0), "value": .integer(namespaceFlags), "valueTwo": .integer(0),
            "op": .string("SCMP_CMP_MASKED_EQ"),
        ])
        return [
            .object([
                "names": .array([.string("clone")]), "action": .string("SCMP_ACT_ALLOW"), "args": .array([noNamespace]),
            ]),
            refusal(["clone3"], notImplemented), refusal(["unshare", "setns"], notPermitted),
        ]
    }

    private static func refusal(_ names: [String], _ error: Int64) -> JSONValue {
        .object([
            "names": .array(names.map(JSONValue.string)), "action": .string("SCMP_ACT_ERRNO"),
            "errnoRet": .integer(error),
        ])
    }
}
