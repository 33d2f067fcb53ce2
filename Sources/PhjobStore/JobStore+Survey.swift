package import PhjobCore
import PhjobSystem

extension JobStore {
    /// What is found of a job when the state is taken up.
    package enum Finding {
        /// Done with, and unchanged since it was entered into the index.
        case indexed(JobSummary)
        case record(JobRecord)
        /// With what ``load(_:)`` threw.
        case unreadable(JobID, any Error)
    }

    /// Looks at every job. Records are read where the index does not speak for them, and the index is mended by that.
    ///
    /// - Parameter visit: is shown every job; returns whether it is done with, so that it belongs into the index.
    /// - Throws: ``SystemError`` if the jobs cannot be listed, and what `visit` threw.
    package func survey(_ visit: (Finding) throws -> Bool) throws {
        let (rows, isWhole) = index.read()
        var latest: [JobID: Int] = Dictionary(minimumCapacity: rows.count)
        for (position, row) in rows.enumerated() { latest[row.summary.id] = position }
        var kept: [Int] = []
        var missing: [IndexRow] = []
        for id in try ids() {
            // Before the record is read: if it changes meanwhile, the row will not count.
            let identity = recordIdentity(of: id)
            if let identity, let position = latest[id], rows[position].identity == identity {
                if try visit(.indexed(rows[position].summary)) { kept.append(position) }
                continue
            }
            let record = Result { try load(id) }
            switch record {
            case .success(let record):
                if try visit(.record(record)), let identity {
                    missing.append(IndexRow(summary: JobSummary(record.job), identity: identity))
                }
            case .failure(let error): _ = try visit(.unreadable(id, error))
            }
        }
        // A start without it is only slower, so that it cannot be written is no error.
        if isWhole, rows.count - kept.count <= kept.count + Self.tolerance {
            try? index.append(missing)
        } else {
            try? index.replace(with: kept.map { rows[$0] } + missing)
        }
    }

    /// Rows that speak for no job; when there are more of them than of the others and this number, the index is written anew.
    private static let tolerance = 1000

    /// Enters a job that is done with into the index.
    package func enter(_ summary: JobSummary) {
        guard let identity = recordIdentity(of: summary.id) else { return }
        try? index.append([IndexRow(summary: summary, identity: identity)])
    }

    private func recordIdentity(of id: JobID) -> FileIdentity? {
        FileIdentity(of: "\(id)/\(JobLayout.recordName)", in: jobs)
    }
}
