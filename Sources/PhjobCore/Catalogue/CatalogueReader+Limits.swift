extension CatalogueReader {
    static func limits(_ reader: JSONReader) -> Catalogue.Limits {
        let keys = [
            "defaultActiveDeadlineSeconds", "allowNoDeadline", "stopGraceSeconds", "logRetentionSeconds", "logMaxSize",
            "pidsLimit", "network", "scratchMaxSize", "proxy", "perUser", "waitingJobs", "connections",
        ]
        let limits = reader.object("limits", allowed: keys)
        let network = limits.string("network") ?? "default"
        if !Name.isValid(network) || network == "host" {
            limits.problems.add(
                limits.place(of: "network"),
                "'\(TerminalText.quoted(network))' cannot be used; write default, none, or the name of a network of the engine"
            )
        }
        let logMaxSize = memory(limits, "logMaxSize") ?? MemorySize(bytes: 1 << 30)
        if logMaxSize < MemorySize(bytes: 64 << 10) {
            // The engines take half of it, and take nothing for no limit at all.
            limits.problems.add(limits.place(of: "logMaxSize"), "is \(logMaxSize); it must be at least 64K")
        }
        return Catalogue.Limits(
            defaultActiveDeadlineSeconds: limits.integer("defaultActiveDeadlineSeconds", in: 0...3_153_600_000)
                ?? 86_400,
            allowNoDeadline: limits.bool("allowNoDeadline") ?? false,
            stopGraceSeconds: limits.integer("stopGraceSeconds", in: 0...86_400) ?? 10,
            logRetentionSeconds: limits.integer("logRetentionSeconds", in: 0...3_153_600_000) ?? 604_800,
            logMaxSize: logMaxSize,
            pidsLimit: limits.integer("pidsLimit", in: 16...4_194_304).map(Int.init) ?? 4096, network: network,
            scratchMaxSize: memory(limits, "scratchMaxSize"), proxy: proxy(limits), perUser: perUser(limits),
            waitingJobs: limits.integer("waitingJobs", in: 1...10_000_000).map(Int.init),
            connections: limits.integer("connections", in: 8...65_536).map(Int.init))
    }

    private static func proxy(_ reader: JSONReader) -> ProxySettings? {
        guard reader.has("proxy") else { return nil }
        let proxy = reader.object("proxy", allowed: ["http", "https", "no"])
        func text(_ key: String, problem: (String) -> String?) -> String? {
            guard let text = proxy.string(key) else { return nil }
            guard let problem = problem(text) else { return text }
            proxy.problems.add(proxy.place(of: key), problem)
            return nil
        }
        let http = text("http", problem: ProxySettings.problem(inURL:))
        let https = text("https", problem: ProxySettings.problem(inURL:))
        return ProxySettings(http: http, https: https, no: text("no", problem: ProxySettings.problem(inText:)))
    }

    private static func perUser(_ reader: JSONReader) -> Catalogue.UserLimits {
        let keys = ["waitingJobs", "submissionsPerMinute", "connections", "streams"]
        let limits = reader.object("perUser", allowed: keys)
        let count = { (key: String, most: Int64) in limits.integer(key, in: 1...most).map(Int.init) }
        return Catalogue.UserLimits(
            waitingJobs: count("waitingJobs", 10_000_000),
            submissionsPerMinute: count("submissionsPerMinute", 1_000_000),
            connections: count("connections", 65_536), streams: count("streams", 65_536))
    }
}
