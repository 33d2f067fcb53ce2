package import PhjobCore
package import PhjobHTTP

/// Which part of a log is wanted, and how.
package struct LogOptions: Sendable, Equatable {
    /// Goes on until the job has ended.
    package var follow = false
    /// Only the last lines.
    package var tail: Int?
    package var since: Timestamp?
    package var timestamps = false

    package init() {}

    /// The trailer that says why lines may be missing.
    package static let incompleteTrailer = "Phjob-Log-Incomplete"

    /// What a request has in its query for it.
    package var queryItems: [HTTPQueryItem] {
        var items: [HTTPQueryItem] = []
        if follow { items.append(HTTPQueryItem("follow", "1")) }
        if let tail { items.append(HTTPQueryItem("tail", "\(tail)")) }
        if let since { items.append(HTTPQueryItem("since", since.description)) }
        if timestamps { items.append(HTTPQueryItem("timestamps", "1")) }
        return items
    }

    /// Reads the query of a request.
    package init(_ query: RequestQuery) throws(PhjobError) {
        follow = try query.flag("follow")
        tail = try query.value("tail", "a number of lines") { Int($0).flatMap { $0 >= 0 ? $0 : nil } }
        since = try query.time("since")
        timestamps = try query.flag("timestamps")
    }
}
