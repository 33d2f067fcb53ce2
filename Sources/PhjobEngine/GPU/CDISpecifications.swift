import Glibc
import PhjobSystem

/// What podman knows of GPUs: the specifications of the Container Device Interface, JSON or YAML files in directories of the
/// machine (CNCF, container-device-interface, SPEC.md).
package struct CDISpecifications: Sendable, Equatable {
    /// Where podman looks for them.
    package static let directories = ["/etc/cdi", "/var/run/cdi"]

    private static let kind = "nvidia.com/gpu"

    /// The names of GPUs, without the kind before them: indices or UUIDs, as `nvidia-ctk` was told to name them.
    package let gpuNames: Set<String>

    /// Reads the files that are there; of what cannot be read nothing is known.
    package init(directories: [String] = Self.directories) {
        var names: Set<String> = []
        for directory in directories {
            let files = (try? Directory.names(in: Directory.open(directory))) ?? []
            for file in files where [".json", ".yaml", ".yml"].contains(where: { file.hasSuffix($0) }) {
                let bytes = try? Descriptor(opening: "\(directory)/\(file)", flags: O_RDONLY).readAll(limit: 16 << 20)
                names.formUnion(Self.gpuNames(in: String(decoding: bytes ?? [], as: UTF8.self)))
            }
        }
        gpuNames = names
    }

    /// The names in a specification of NVIDIA's GPUs; none in one of other devices.
    ///
    /// Of both formats only this is read: the values of `kind` and `name`, in which nothing needs an escape.
    static func gpuNames(in text: String) -> Set<String> {
        guard values(of: "kind", in: text).contains(kind) else { return [] }
        return Set(values(of: "name", in: text))
    }

    private static func values(of key: String, in text: String) -> [String] {
        let plain = text.unicodeScalars.filter { $0 != "\"" && $0 != "'" }
        let words = String(plain).split { $0.isWhitespace || "{}[],".contains($0) }
        return words.indices.compactMap { index in
            guard words[index].hasPrefix(key + ":") else { return nil }
            let value = words[index].dropFirst(key.count + 1)
            if !value.isEmpty { return String(value) }
            return index + 1 < words.count ? String(words[index + 1]) : nil
        }
    }
}
