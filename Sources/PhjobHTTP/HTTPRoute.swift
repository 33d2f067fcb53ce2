/// A method and a pattern of paths, and what they stand for.
package struct HTTPRoute<Endpoint: Sendable>: Sendable {
    /// One segment of a pattern.
    enum Part: Sendable, Equatable {
        case literal(String)
        /// Any segment that is not empty, under a name.
        case parameter(String)
    }

    package let method: String
    package let endpoint: Endpoint
    let parts: [Part]

    /// - Parameter pattern: segments with slashes between them, each a literal or `{name}`: `/v1/jobs/{id}/logs`.
    package init(_ method: String, _ pattern: String, _ endpoint: Endpoint) {
        self.method = method
        self.endpoint = endpoint
        self.parts = pattern.split(separator: "/").map { part in
            part.hasPrefix("{") && part.hasSuffix("}")
                ? .parameter(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
    }

    /// The parameters if the pattern fits, else nil.
    func match(_ segments: [String]) -> [String: String]? {
        guard segments.count == parts.count else {
            return nil
        }
        var parameters: [String: String] = [:]
        for (segment, part) in zip(segments, parts) {
            switch part {
            case .literal(let text):
                guard segment == text else {
                    return nil
                }
            case .parameter(let name):
                guard !segment.isEmpty else {
                    return nil
                }
                parameters[name] = segment
            }
        }
        return parameters
    }
}
