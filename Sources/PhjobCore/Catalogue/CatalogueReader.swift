/// Turns the catalogue's JSON into a ``Catalogue``, or says everything that is wrong with it at once.
package enum CatalogueReader {
    /// All that is wrong with a catalogue.
    package struct Problems: Error, Sendable, Equatable, CustomStringConvertible {
        package let all: [JSONReader.Problem]

        package var description: String { all.map(\.description).joined(separator: "\n") }
    }

    /// - Throws: ``Problems`` with every problem and its place.
    package static func read(_ value: JSONValue) throws(Problems) -> Catalogue {
        let problems = JSONReader.Problems()
        let keys = ["schema", "engine", "node", "groups", "instanceTypes", "images", "datasets", "defaults", "limits"]
        let reader = JSONReader(value, place: "", allowed: keys, problems: problems)
        if case .object = value {
            _ = reader.integer("schema", in: 1...1)
        }
        let groups = groups(reader)
        let groupNames = Set(groups.map(\.name))
        var catalogue = Catalogue(
            engine: engine(reader.object("engine", allowed: ["name", "environment"])),
            node: node(reader.object("node", allowed: ["cpus", "memory", "gpus", "ignoredGPUProcesses", "reserve"])),
            groups: groups,
            instanceTypes: instanceTypes(reader, groups: groupNames),
            images: images(reader, groups: groupNames),
            datasets: datasets(reader, groups: groupNames),
            defaults: Catalogue.Defaults(), limits: limits(reader))
        catalogue.defaults = defaults(reader, catalogue)
        guard problems.all.isEmpty else { throw Problems(all: problems.all) }
        return catalogue
    }

    private static func engine(_ reader: JSONReader) -> Catalogue.EngineSettings {
        let environment = reader.dictionary("environment") ?? [:]
        for name in environment.keys.sorted() where !Name.isEnvironmentName(name) {
            reader.problems.add(
                reader.place(of: "environment"), "'\(TerminalText.quoted(name))' cannot name a variable")
        }
        return Catalogue.EngineSettings(
            choice: reader.choice("name", Catalogue.EngineChoice.self) ?? .auto, environment: environment)
    }

    private static func node(_ reader: JSONReader) -> Catalogue.NodeSettings {
        let reserve = reader.object("reserve", allowed: ["cpus", "memory"])
        return Catalogue.NodeSettings(
            cpu: cpu(reader, "cpus"), memory: memory(reader, "memory"),
            gpus: reader.integer("gpus", in: 0...1024).map(Int.init),
            reservedCPU: cpu(reserve, "cpus", zeroAllowed: true) ?? CPUAmount(milli: 0),
            reservedMemory: memory(reserve, "memory", zeroAllowed: true) ?? MemorySize(bytes: 0),
            ignoredGPUProcesses: ignoredGPUProcesses(reader))
    }

    private static func ignoredGPUProcesses(_ reader: JSONReader) -> [String] {
        let names = reader.strings("ignoredGPUProcesses") ?? []
        for (index, name) in names.enumerated() where name.isEmpty || name.contains("/") {
            reader.problems.add(
                "\(reader.place(of: "ignoredGPUProcesses"))[\(index)]",
                "'\(TerminalText.quoted(name))' is not the name of a program; write it without its path")
        }
        return names
    }

    private static func instanceTypes(_ reader: JSONReader, groups: Set<String>) -> [Catalogue.InstanceType] {
        let keys = ["name", "displayName", "description", "cpuLimit", "memoryLimit", "gpuLimit", "global", "groups"]
        return entries(reader, "instanceTypes", keys) { entry, name in
            for key in ["cpuLimit", "memoryLimit"] where !entry.has(key) {
                entry.problems.add(entry.place(of: key), "is missing; an instance type is an amount")
            }
            let memory = memory(entry, "memoryLimit") ?? MemorySize(bytes: 1 << 30)
            if memory < MemorySize(bytes: 6 << 20) {
                entry.problems.add(entry.place(of: "memoryLimit"), "is \(memory); the engines need at least 6M")
            }
            let cpu = cpu(entry, "cpuLimit") ?? CPUAmount(milli: 1000)
            if cpu < CPUAmount(milli: 10) {
                entry.problems.add(entry.place(of: "cpuLimit"), "is \(cpu); the engines need at least 0.01")
            }
            return Catalogue.InstanceType(
                name: name, displayName: displayName(entry, name), description: entry.string("description"),
                cpuLimit: cpu, memoryLimit: memory,
                gpuLimit: entry.integer("gpuLimit", in: 0...1024).map(Int.init) ?? 0,
                audience: audience(entry, groups: groups))
        }
    }

    private static func images(_ reader: JSONReader, groups: Set<String>) -> [Catalogue.Image] {
        let keys = ["name", "displayName", "description", "url", "urlForGpu", "pullPolicy", "global", "groups"]
        return entries(reader, "images", keys) { entry, name in
            if !entry.has("url") { entry.problems.add(entry.place(of: "url"), "is missing; an image is a reference") }
            let url = entry.value("url", ImageReference.init(parsing:))
            return Catalogue.Image(
                name: name, displayName: displayName(entry, name), description: entry.string("description"),
                url: url ?? .placeholder, urlForGpu: entry.value("urlForGpu", ImageReference.init(parsing:)),
                pullPolicy: entry.choice("pullPolicy", PullPolicy.self) ?? .missing,
                audience: audience(entry, groups: groups))
        }
    }

    private static func datasets(_ reader: JSONReader, groups: Set<String>) -> [Catalogue.Dataset] {
        let keys = ["name", "displayName", "path", "writable", "mustBeMounted", "global", "groups"]
        return entries(reader, "datasets", keys) { entry, name in
            if !entry.has("path") {
                entry.problems.add(entry.place(of: "path"), "is missing; a dataset is a directory")
            }
            return Catalogue.Dataset(
                name: name, displayName: displayName(entry, name), path: path(entry, "path") ?? "",
                writable: entry.bool("writable") ?? false, mustBeMounted: mustBeMounted(entry, place: "path"),
                audience: audience(entry, groups: groups))
        }
    }
}

extension CatalogueReader {
    /// The entries of a list of named things; names must be valid and different.
    static func entries<Entry>(
        _ reader: JSONReader, _ key: String, _ allowed: [String], _ make: (JSONReader, String) -> Entry
    ) -> [Entry] {
        var places: [String: String] = [:]
        return reader.list(key).map { item in
            let entry = JSONReader(item.value, place: item.place, allowed: allowed, problems: reader.problems)
            let name = entry.string("name")
            if case .object = item.value, !entry.has("name") {
                reader.problems.add(entry.place(of: "name"), "is missing")
            } else if let name, !Name.isValid(name) {
                reader.problems.add(
                    entry.place(of: "name"), "'\(TerminalText.quoted(name))' is not a name; \(Name.rule)")
            } else if let name, let other = places[name] {
                reader.problems.add(entry.place(of: "name"), "'\(name)' is already the name of \(other)")
            }
            if let name { places[name] = places[name] ?? item.place }
            return make(entry, name ?? "")
        }
    }

    static func displayName(_ entry: JSONReader, _ name: String) -> String {
        let text = entry.string("displayName") ?? name
        if text.unicodeScalars.contains(where: { !TerminalText.isPlain($0) }) {
            entry.problems.add(entry.place(of: "displayName"), "has a control character")
        }
        return text
    }

    static func path(_ entry: JSONReader, _ key: String) -> String? {
        guard let path = entry.string(key) else { return nil }
        if let problem = HostPath.problem(in: path) {
            entry.problems.add(entry.place(of: key), problem)
        } else if let root = HostPath.forbiddenRoots.first(where: { HostPath.overlap(path, $0) }) {
            entry.problems.add(
                entry.place(of: key), "the path '\(TerminalText.quoted(path, limit: 1000))' would show \(root) to jobs")
        }
        return path
    }

    /// - Parameter place: the member that names the directory.
    static func mustBeMounted(_ entry: JSONReader, place: String) -> Bool {
        let isRequired = entry.bool("mustBeMounted") ?? false
        if isRequired, !entry.has(place) {
            entry.problems.add(entry.place(of: "mustBeMounted"), "there is no \(place) that could be mounted")
        }
        return isRequired
    }

    private static func audience(_ entry: JSONReader, groups: Set<String>) -> Catalogue.Audience {
        let names = entry.strings("groups")
        for (index, name) in (names ?? []).enumerated() where !groups.contains(name) {
            entry.problems.add(
                "\(entry.place(of: "groups"))[\(index)]", "there is no group '\(TerminalText.quoted(name))'")
        }
        if entry.bool("global") ?? (names == nil) { return .everybody }
        return .groups(names ?? [])
    }

    static func cpu(_ reader: JSONReader, _ key: String, zeroAllowed: Bool = false) -> CPUAmount? {
        guard let number = reader.number(key) else { return nil }
        if zeroAllowed, number == 0 { return CPUAmount(milli: 0) }
        do {
            return try CPUAmount(cpus: number)
        } catch {
            reader.problems.add(reader.place(of: key), error.message)
            return nil
        }
    }

    static func memory(_ reader: JSONReader, _ key: String, zeroAllowed: Bool = false) -> MemorySize? {
        guard let size = reader.value(key, MemorySize.init(parsing:)) else { return nil }
        if size.bytes < 1, !zeroAllowed {
            reader.problems.add(reader.place(of: key), "must be more than nothing")
            return nil
        }
        return size
    }

    private static func defaults(_ reader: JSONReader, _ catalogue: Catalogue) -> Catalogue.Defaults {
        let defaults = reader.object("defaults", allowed: ["group", "instanceType", "image"])
        func name(_ key: String, of names: [String]) -> String? {
            guard let name = defaults.string(key) else { return nil }
            if !names.contains(name) {
                defaults.problems.add(
                    defaults.place(of: key), "there is no entry named '\(TerminalText.quoted(name))'")
            }
            return name
        }
        return Catalogue.Defaults(
            group: name("group", of: catalogue.groups.map(\.name)),
            instanceType: name("instanceType", of: catalogue.instanceTypes.map(\.name)),
            image: name("image", of: catalogue.images.map(\.name)))
    }
}
