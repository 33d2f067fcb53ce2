extension String {
    /// The text with every occurrence of a placeholder replaced. (Foundation's way costs start-up time.)
    func substituting(_ placeholder: String, by replacement: String) -> String {
        var result = ""
        var rest = self[...]
        while let first = rest.first {
            if rest.hasPrefix(placeholder) {
                result += replacement
                rest = rest.dropFirst(placeholder.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
