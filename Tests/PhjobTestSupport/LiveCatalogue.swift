package import PhjobCore

/// The catalogue that a fixture writes; a test changes in it what it needs otherwise.
package struct LiveCatalogue: Sendable {
    package var engine: String
    package var users: [String]
    /// Variables for the engine's client.
    package var engineVariables = LiveEngine.environment.filter { $0.key.hasPrefix("CONTAINERS_CONF") }.mapValues(
        JSONValue.string)
    package var group = "lab"
    package var volume: String?
    package var datasets: [JSONValue] = []
    /// Small, so that several jobs run beside each other, and none weighs much.
    package var instanceTypes: [JSONValue] = [
        Self.instanceType("small", cpus: 0.5, memory: "64M"), Self.instanceType("one", cpus: 1, memory: "128M"),
        Self.instanceType("huge", cpus: 1000, memory: "64M"),
    ]
    package var images: [JSONValue] = [
        Self.image("minimal", LiveEngine.image, pullPolicy: "never"),
        Self.image("absent", "localhost:1/phjob/absent:latest", pullPolicy: "missing"),
        Self.image("never", "localhost/phjob/absent:latest", pullPolicy: "never"),
    ]
    package var node: [String: JSONValue] = ["cpus": .integer(4), "memory": .string("4G"), "gpus": .integer(0)]
    package var limits: [String: JSONValue] = ["network": .string("none"), "stopGraceSeconds": .integer(10)]

    package static func instanceType(_ name: String, cpus: Double, memory: String, gpus: Int64 = 0) -> JSONValue {
        .object([
            "name": .string(name), "cpuLimit": .number(cpus), "memoryLimit": .string(memory),
            "gpuLimit": .integer(gpus),
        ])
    }

    package static func image(_ name: String, _ reference: String, pullPolicy: String) -> JSONValue {
        .object(["name": .string(name), "url": .string(reference), "pullPolicy": .string(pullPolicy)])
    }

    package static func dataset(_ name: String, _ path: String, writable: Bool = false) -> JSONValue {
        .object(["name": .string(name), "path": .string(path), "writable": .bool(writable)])
    }

    package init(engine: String, users: [String], volume: String? = nil) {
        self.engine = engine
        self.users = users
        self.volume = volume
    }

    package var json: JSONValue {
        var group: [String: JSONValue] = ["name": .string(group), "users": .array(users.map(JSONValue.string))]
        if let volume { group["volume"] = .string(volume) }
        return .object([
            "engine": .object(["name": .string(engine), "environment": .object(engineVariables)]),
            "node": .object(node),
            "groups": .array([.object(group)]), "instanceTypes": .array(instanceTypes), "images": .array(images),
            "datasets": .array(datasets), "limits": .object(limits),
            "defaults": .object(["instanceType": .string("small"), "image": .string("minimal")]),
        ])
    }
}
