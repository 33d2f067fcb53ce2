import PhjobArguments

/// How the lists of the catalogue's entries are printed: in one of three forms.
struct CatalogueListing: ArgumentGroup {
    var json = false
    var quiet = false

    static let arguments: [ArgumentSpec<Self>] = [
        .flag("--json", to: \.json, help: "print a JSON list"),
        .flag("--quiet", "-q", to: \.quiet, help: "print names only"),
    ]

    func print<Entry: Encodable>(
        _ entries: [Entry], _ name: KeyPath<Entry, String>, _ columns: [Table.Column], _ context: Context,
        row: (Entry) -> [Table.Cell]
    ) throws -> Int32 {
        if json {
            try context.printJSON(entries)
        } else if quiet {
            for entry in entries { try context.print(entry[keyPath: name]) }
        } else {
            try context.print(Table(columns: columns, rows: entries.map(row)))
        }
        return 0
    }

    /// What an entry is called, and what is said of it, without repeating its name.
    static func words(_ name: String, _ displayName: String, _ description: String?) -> String {
        [displayName == name ? nil : displayName, description].compactMap(\.self).joined(separator: ": ")
    }
}
