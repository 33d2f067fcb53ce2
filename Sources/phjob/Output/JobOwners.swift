import PhjobAPI

/// Whose the jobs of a selection are, for the words that ask for a confirmation.
struct JobOwners {
    /// How many jobs each user has, by the user's name.
    let counts: [String: Int]

    init(counts: [String: Int]) {
        self.counts = counts
    }

    init(_ jobs: [JobView]) {
        counts = jobs.reduce(into: [:]) { $0[$1.userName, default: 0] += 1 }
    }

    /// ` of ana`, ` (2 of ana, 1 of ben)`, or nothing if there are no jobs; the users with most jobs come first.
    var text: String {
        let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        guard let first = sorted.first else { return "" }
        if sorted.count == 1 { return " of \(first.key)" }
        let shown = sorted.prefix(10).map { "\($0.value) of \($0.key)" }.joined(separator: ", ")
        return " (\(shown)\(sorted.count > 10 ? ", and others" : ""))"
    }
}
