/// A bounded table: of more values than it holds, the one that was used longest ago is dropped.
struct RecentlyUsed<Value> {
    private let limit: Int
    private var values: [String: (value: Value, lastUse: UInt64)] = [:]
    private var uses: UInt64 = 0

    /// - Parameter limit: how many it holds; at least 1.
    init(limit: Int) {
        self.limit = max(1, limit)
    }

    /// The value of a key, which is the one used last from now on.
    mutating func value(_ key: String, orNew new: @autoclosure () -> Value) -> Value {
        uses += 1
        let value = values[key]?.value ?? new()
        values[key] = (value, uses)
        // A search through all, which is only done for what was not there.
        if values.count > limit, let oldest = values.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            values[oldest.key] = nil
        }
        return value
    }
}
