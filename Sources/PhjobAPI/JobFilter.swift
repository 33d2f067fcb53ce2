package import PhjobCore
package import PhjobHTTP

/// Which jobs a list shows.
package struct JobFilter: Sendable, Equatable {
    /// Only jobs of these groups; empty for all that the caller belongs to.
    package var groups: [String] = []
    /// Only the caller's own.
    package var isMine = false
    /// Only jobs of the users of these names; empty for all.
    package var users: [String] = []
    /// Only jobs in these phases; empty for all.
    package var phases: [JobPhase] = []
    /// Only jobs whose id or name has this in it, in any case; never empty, as that would be in every name.
    package var search: String?
    /// Only jobs created at or after this time.
    package var since: Timestamp?
    /// Only jobs older than this one. If it was removed meanwhile, jobs of its minute are shown too.
    package var after: JobID?
    /// At most this many; nil for ``maximumLimit``.
    package var limit: Int?

    package init() {}

    /// The most jobs in one answer.
    package static let maximumLimit = 1000
    /// Whether a text to search for selects every job, or nearly.
    package static func isEmpty(_ search: String) -> Bool {
        search.unicodeScalars.allSatisfy(\.properties.isWhitespace)
    }

    /// What is wrong with such a text.
    package static let emptySearch = "is empty, which every name has in it; leave it out, or write a part of a name"

    /// The longest ``search``, in bytes of UTF-8.
    private static let longestSearch = 1024
}

extension JobFilter {
    /// What a request has in its query for it.
    package var queryItems: [HTTPQueryItem] {
        var items = groups.map { HTTPQueryItem("group", $0) } + phases.map { HTTPQueryItem("status", $0.rawValue) }
        items += users.map { HTTPQueryItem("user", $0) }
        if isMine { items.append(HTTPQueryItem("mine", "1")) }
        if let search { items.append(HTTPQueryItem("search", search)) }
        if let since { items.append(HTTPQueryItem("since", since.description)) }
        if let after { items.append(HTTPQueryItem("after", after.text)) }
        if let limit { items.append(HTTPQueryItem("limit", "\(limit)")) }
        return items
    }

    /// Reads the query of a request.
    package init(_ query: RequestQuery) throws(PhjobError) {
        groups = query.strings("group")
        users = query.strings("user")
        isMine = try query.flag("mine")
        for text in query.strings("status") {
            guard let phase = JobPhase.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) else {
                let known = JobPhase.allCases.map(\.rawValue).joined(separator: ", ")
                throw PhjobError(
                    .invalidRequest, "'\(TerminalText.quoted(text))' is not a status", hint: "choose from \(known)")
            }
            phases.append(phase)
        }
        search = query.string("search")
        if let search, Self.isEmpty(search) {
            throw PhjobError(.invalidRequest, "the parameter 'search' \(Self.emptySearch)")
        }
        if let search, search.utf8.count > Self.longestSearch {
            throw PhjobError(
                .invalidRequest,
                "the text to search for has \(search.utf8.count) bytes; at most \(Self.longestSearch)",
                hint: "no name is longer")
        }
        since = try query.time("since")
        after = try query.value("after", "a job id") { JobID($0) }
        limit = try query.value("limit", "a number from 1 to \(Self.maximumLimit)") { text in
            Int(text).flatMap { (1...Self.maximumLimit).contains($0) ? $0 : nil }
        }
    }
}
