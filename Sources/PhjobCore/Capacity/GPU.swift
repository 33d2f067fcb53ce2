/// A GPU of this node, as it is given out.
///
/// The UUID is the device's own and stays; the index is its place among the node's GPUs, which a reboot may change.
package struct GPU: Sendable, Hashable {
    /// As `nvidia-smi` counts them.
    package let index: Int
    /// As `nvidia-smi` prints it, such as `GPU-5d1d...`; nil where only the number of GPUs is known.
    package let uuid: String?

    package init(index: Int, uuid: String? = nil) {
        self.index = index
        self.uuid = uuid
    }

    /// Whether both are the same device: by their UUIDs where both have one.
    package func isSameDevice(as other: GPU) -> Bool {
        if let uuid, let theirs = other.uuid { return uuid == theirs }
        return index == other.index
    }
}

/// On disk a GPU without a UUID is its index alone, as all of them were before there were UUIDs.
extension GPU: Codable {
    private enum CodingKeys: String, CodingKey { case index, uuid }

    package init(from decoder: any Decoder) throws {
        if let index = try? decoder.singleValueContainer().decode(Int.self) {
            self.init(index: index)
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            index: try container.decode(Int.self, forKey: .index),
            uuid: try container.decode(String.self, forKey: .uuid))
    }

    package func encode(to encoder: any Encoder) throws {
        guard let uuid else {
            var container = encoder.singleValueContainer()
            try container.encode(index)
            return
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(index, forKey: .index)
        try container.encode(uuid, forKey: .uuid)
    }
}
