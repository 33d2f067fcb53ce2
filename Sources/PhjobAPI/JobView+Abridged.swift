import PhjobCore

extension JobView {
    /// What is left of a script, in Unicode scalars.
    private static let shortCommand = 1000
    /// How many names of variables are left; each has 255 bytes at most.
    private static let shortNames = 10

    /// This view with only the beginning of what may be large.
    package func abridged() -> JobView {
        var view = self
        var names: [String] = []
        let scalars = command.unicodeScalars.prefix(Self.shortCommand)
        if scalars.endIndex < command.unicodeScalars.endIndex {
            view.command = String(scalars)
            names.append("command")
        }
        if environmentNames.count > Self.shortNames {
            view.environmentNames = Array(environmentNames.prefix(Self.shortNames))
            names.append("environmentNames")
        }
        view.shortened = names.isEmpty ? nil : names
        return view
    }
}
