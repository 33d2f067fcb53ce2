extension CatalogueReader {
    static func groups(_ reader: JSONReader) -> [Catalogue.Group] {
        if !reader.has("groups") { reader.problems.add("groups", "is missing; a job belongs to a group") }
        let keys = [
            "name", "displayName", "users", "unixGroup", "volume", "jobDefaultActiveDeadlineSeconds", "ownerOnly",
            "allowAnyImage", "mustBeMounted", "umask",
        ]
        return entries(reader, "groups", keys + quotaKeys(prefix: "quota") + quotaKeys(prefix: "projectQuota")) {
            entry, name in
            Catalogue.Group(
                name: name, displayName: displayName(entry, name), users: entry.strings("users") ?? [],
                unixGroup: unixGroup(entry), volume: path(entry, "volume"),
                jobDefaultActiveDeadlineSeconds: entry.integer(
                    "jobDefaultActiveDeadlineSeconds", in: 0...3_153_600_000),
                ownerOnly: entry.bool("ownerOnly") ?? false, allowedImages: allowedImages(entry),
                quotas: GroupQuotas(user: quota(entry, prefix: "quota"), group: quota(entry, prefix: "projectQuota")),
                mustBeMounted: mustBeMounted(entry, place: "volume"),
                umask: entry.value("umask", FileModeMask.init(parsing:)))
        }
    }

    /// PrimeHub's names, and ours beside them.
    private static func quotaKeys(prefix: String) -> [String] {
        ["Cpu", "Memory", "Gpu", "RunningJobs", "WaitingJobs"].map { prefix + $0 }
    }

    private static func quota(_ entry: JSONReader, prefix: String) -> Quota {
        let count = { (key: String) in entry.integer(prefix + key, in: 0...1_000_000).map(Int.init) }
        return Quota(
            cpu: cpu(entry, prefix + "Cpu"), memory: memory(entry, prefix + "Memory"), gpus: count("Gpu"),
            runningJobs: count("RunningJobs"), waitingJobs: count("WaitingJobs"))
    }

    private static func unixGroup(_ entry: JSONReader) -> String? {
        guard let name = entry.string("unixGroup") else { return nil }
        // What a line of group(5) could not hold; whether there is such a group is the machine's business.
        let isPossible = !name.isEmpty && name.unicodeScalars.allSatisfy { TerminalText.isPlain($0) && $0 != ":" }
        if !isPossible {
            entry.problems.add(
                entry.place(of: "unixGroup"), "'\(TerminalText.quoted(name))' cannot be the name of a Unix group")
        }
        return name
    }

    /// A list of patterns, or `true` for any image at all.
    private static func allowedImages(_ entry: JSONReader) -> [ImagePattern] {
        let key = "allowAnyImage"
        if case .bool(let isAllowed) = entry.member(key) { return isAllowed ? [.everything] : [] }
        return (entry.strings(key) ?? []).enumerated().compactMap { index, text in
            do throws(InvalidValue) {
                return try ImagePattern(parsing: text)
            } catch {
                entry.problems.add("\(entry.place(of: key))[\(index)]", error.message)
                return nil
            }
        }
    }
}
