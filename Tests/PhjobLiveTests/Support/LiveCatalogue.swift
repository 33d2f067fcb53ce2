import Foundation
import PhjobCore

/// The catalogue that a fixture writes; a test changes in it what it needs otherwise.
struct LiveCatalogue: Sendable {
    var engine: String
    var users: [String]
    /// Variables for the engine's client.
    var engineVariables = LiveEngine.environment.filter { $0.key.hasPrefix("CONTAINERS_CONF") }.mapValues(
        JSONValue.string)
    var group = "lab"
    var volume: String?
    var datasets: [JSONValue] = []
    /// Small, so that several jobs run beside each other, and none weighs much.
    var instanceTypes: [JSONValue] = [
        Self.instanceType("small", cpus: 0.5, memory: "64M"), Self.instanceType("one", cpus: 1, memory: "128M"),
        Self.instanceType("huge", cpus: 1000, memory: "64M"),
    ]
    var images: [JSONValue] = [
        Self.image("minimal", LiveEngine.image, pullPolicy: "never"),
        Self.image("absent", "localhost:1/phjob/absent:latest", pullPolicy: "missing"),
        Self.image("never", "localhost/phjob/absent:latest", pullPolicy: "never"),
    ]
    var node: [String: JSONValue] = ["cpus": .integer(4), "memory": .string("4G"), "gpus": .integer(0)]
    var limits: [String: JSONValue] = ["network": .string("none"), "stopGraceSeconds": .integer(10)]

    static func instanceType(_ name: String, cpus: Double, memory: String, gpus: Int64 = 0) -> JSONValue {
        .object([
            "name": .string(name), "cpuLimit": .number(cpus), "memoryLimit": .string(memory),
            "gpuLimit": .integer(gpus),
        ])
    }

    static func image(_ name: String, _ reference: String, pullPolicy: String) -> JSONValue {
        .object(["name": .string(name), "url": .string(reference), "pullPolicy": .string(pullPolicy)])
    }

    static func dataset(_ name: String, _ path: String, writable: Bool = false) -> JSONValue {
        .object(["name": .string(name), "path": .string(path), "writable": .bool(writable)])
    }

    var json: JSONValue {
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
