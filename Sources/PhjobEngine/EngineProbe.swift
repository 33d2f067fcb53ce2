package import PhjobCore
package import PhjobSystem

/// Finds the engine that the catalogue asks for.
package enum EngineProbe {
    /// Variables of ours that the engines' clients need or understand. All others stay here: a client obeys its environment.
    private static let passedOn = [
        "HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "DBUS_SESSION_BUS_ADDRESS", "TMPDIR",
        "CONTAINERS_CONF", "CONTAINERS_CONF_OVERRIDE",
        "CONTAINERS_STORAGE_CONF", "CONTAINERS_REGISTRIES_CONF", "DOCKER_HOST", "DOCKER_CONFIG", "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
    ]

    /// Those of them that decide which engine, or which of its stores, is meant.
    private static let choosing = [
        "DOCKER_HOST", "DOCKER_CONFIG", "CONTAINERS_CONF", "CONTAINERS_CONF_OVERRIDE", "CONTAINERS_STORAGE_CONF",
    ]

    /// What of an environment decides which engine is meant, as far as the catalogue does not.
    package static func choice(
        of environment: [String: String], _ settings: Catalogue.EngineSettings
    ) -> [String: String] {
        environment.filter { choosing.contains($0.key) && settings.environment[$0.key] == nil }
    }

    /// Where programs are looked for if `PATH` is not set, and what the clients get to find their own helpers.
    private static let systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Where the engines and their helpers are looked for.
    ///
    /// - Parameter environment: this process's own.
    package static func path(of environment: [String: String]) -> String {
        environment["PATH"].map { $0 + ":" + systemPath } ?? systemPath
    }

    /// The whole environment of the engines' clients, and of other tools of the system that are looked for as they are.
    ///
    /// - Parameters:
    ///   - settings: variables that the catalogue adds.
    ///   - environment: this process's own.
    package static func clientEnvironment(
        _ settings: Catalogue.EngineSettings, environment: [String: String]
    ) -> [String: String] {
        var client = environment.filter { passedOn.contains($0.key) }
        client["PATH"] = path(of: environment)
        client["LANG"] = "C.UTF-8"
        client.merge(settings.environment) { _, chosen in chosen }
        return client
    }

    /// - Parameters:
    ///   - settings: which engine, and variables for its client.
    ///   - environment: this process's own.
    ///   - callTimeout: seconds that each may take to answer.
    ///   - abandon: when it becomes readable, calls that only ask are given up, those of this search among them.
    /// - Throws: ``EngineError``: why none can be used; with `auto`, what is wrong with each.
    package static func find(
        _ settings: Catalogue.EngineSettings, environment: [String: String], callTimeout: Double = 60,
        abandon: Descriptor? = nil
    ) throws(EngineError) -> Engine {
        let dialects: [any EngineDialect] =
            switch settings.choice {
            case .auto: [PodmanDialect(), DockerDialect()]
            case .podman: [PodmanDialect()]
            case .docker: [DockerDialect()]
            }
        let client = clientEnvironment(settings, environment: environment)
        let searched = client["PATH"] ?? systemPath
        var missing: [String] = []
        var failures: [String] = []
        // Whether there is an engine that may answer later.
        var isSilent = false
        for dialect in dialects {
            let name = dialect.name.rawValue
            guard let executable = ExecutableLookup.find(name, path: searched) else {
                missing.append(name)
                continue
            }
            do {
                return try Engine(
                    dialect: dialect, executable: executable, environment: client, callTimeout: callTimeout,
                    abandon: abandon)
            } catch .notInstalled(let why) {
                failures.append("\(name): \(why)")
            } catch {
                isSilent = true
                failures.append("\(name): \(error)")
            }
        }
        guard !failures.isEmpty else {
            throw .notInstalled("\(missing.joined(separator: " and ")) not in \(searched); install podman or docker")
        }
        let words = (failures + missing.map { "\($0): not installed" }).joined(separator: "; ")
        throw isSilent ? .unreachable(words) : .notInstalled(words)
    }
}
