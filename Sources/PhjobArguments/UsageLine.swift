/// One line that shows how a command is written.
enum UsageLine {
    /// `phjob submit [options] [<script>] [-- <command>...]`
    static func text(for info: CommandInfo, path: [String]) -> String {
        parts(for: info, path: path).joined(separator: " ")
    }

    /// The same in pieces that should not be broken.
    static func parts(for info: CommandInfo, path: [String]) -> [String] {
        if info.isGroup {
            return [path.joined(separator: " "), "<command>", "[options]"]
        }
        let named = info.visibleArguments.filter(\.isNamed)
        let required = named.filter(\.isRequired).map { "\($0.displayName) <\($0.valueName)>" }
        let places = info.visibleArguments.filter { !$0.isNamed }.map(place)
        return [path.joined(separator: " ")] + required + ["[options]"] + places
    }

    /// `<job>`, `[<job>...]`, `-- <command>...`
    static func place(_ info: ArgumentInfo) -> String {
        let dashes = info.kind == .remaining(.separator) ? "-- " : ""
        let text = "\(dashes)<\(info.valueName)>\(info.isRepeatable ? "..." : "")"
        return info.isRequired ? text : "[\(text)]"
    }
}
