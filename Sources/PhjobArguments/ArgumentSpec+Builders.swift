extension ArgumentSpec {
    /// A name that is given or not.
    ///
    /// - Parameters:
    ///   - names: with their dashes: `"-q", "--quiet"`
    ///   - path: a `Bool`; a `Bool?` to tell "no" from "not given"; or an `Int` to count
    ///   - inverse: the name that switches it off, as `"--no-color"`
    ///   - environment: a variable that switches it: `1`, `true`, `yes`, `on`, or `0`, `false`, `no`, `off`
    package static func flag<Storage: FlagStorage>(
        _ names: String...,
        to path: any WritableKeyPath<Root, Storage> & Sendable,
        inverse: String? = nil,
        help: String,
        environment: String? = nil,
        hidden: Bool = false
    ) -> Self {
        let info = ArgumentInfo(
            kind: .flag, names: names, inverseNames: inverse.map { [$0] } ?? [], help: help,
            isRepeatable: Storage.counts, environmentName: environment, isHidden: hidden)
        let member = ArgumentMember<Root>(
            info: info,
            // A plain `false` can be the inverse, or a variable that says no.
            tellsAbsence: (inverse == nil && environment == nil) || Storage.tellsNoFromAbsent,
            store: { root, word, _ throws(ValueError) in
                root[keyPath: path].storeFlag(try word.isOn())
            },
            defaultText: { $0[keyPath: path].isOnByDefault ? "on" : nil },
            fill: { root, lower in root[keyPath: path].fillFlag(from: lower[keyPath: path]) })
        return Self([member])
    }

    /// A name with a value: `--image base`, `--image=base`, `-i base`, `-ibase`.
    ///
    /// - Parameters:
    ///   - names: with their dashes
    ///   - path: a `V` (its initial value is the default), `V?`, `[V]` (may be repeated) or `Given<V>`
    ///   - value: what stands for the value in help
    ///   - environment: the variable that gives the value where the command line does not
    ///   - defaultText: what help says about the default instead of the initial value
    ///   - required: whether it must be given
    ///   - completion: what shells offer, if not what the type says
    package static func option<Storage: ArgumentStorage>(
        _ names: String...,
        to path: any WritableKeyPath<Root, Storage> & Sendable,
        value: String? = nil,
        help: String,
        environment: String? = nil,
        default defaultText: String? = nil,
        required: Bool = false,
        hidden: Bool = false,
        completion: CompletionKind? = nil
    ) -> Self {
        var info = ArgumentInfo(kind: .option, names: names, help: help, environmentName: environment)
        info.valueName = value ?? Storage.ArgumentElement.valueName
        info.defaultText = defaultText
        info.isRequired = required
        info.isHidden = hidden
        return valued(info, path, completion)
    }

    /// A word that is known by its place.
    ///
    /// - Parameters:
    ///   - name: what stands for it in help
    ///   - path: a `V` (must be given), `V?`, `[V]` (any number; must be the last), or `Given<V>`
    ///   - required: whether at least one must be given; by default true for a `V` only
    ///   - completion: what shells offer, if not what the type says
    package static func positional<Storage: ArgumentStorage>(
        _ name: String,
        to path: any WritableKeyPath<Root, Storage> & Sendable,
        help: String,
        default defaultText: String? = nil,
        required: Bool? = nil,
        hidden: Bool = false,
        completion: CompletionKind? = nil
    ) -> Self {
        var info = ArgumentInfo(kind: .positional, valueName: name, help: help)
        info.defaultText = defaultText
        info.isRequired = required ?? (Storage.argumentArity == .plain)
        info.isHidden = hidden
        return valued(info, path, completion)
    }

    /// Every later word verbatim, options and `--` included: the command line of another program.
    ///
    /// - Parameters:
    ///   - name: what stands for a word in help
    ///   - start: where they begin
    ///   - required: whether there must be at least one
    package static func remaining(
        _ name: String,
        to path: any WritableKeyPath<Root, [String]> & Sendable,
        from start: RemainingStart,
        help: String,
        required: Bool = false,
        completion: CompletionKind = .none
    ) -> Self {
        let info = ArgumentInfo(kind: .remaining(start), valueName: name, help: help, isRequired: required)
        return valued(info, path, completion)
    }

    private static func valued<Storage: ArgumentStorage>(
        _ declared: ArgumentInfo, _ path: any WritableKeyPath<Root, Storage> & Sendable, _ completion: CompletionKind?
    ) -> Self {
        var info = declared
        info.isRepeatable = Storage.argumentArity == .repeated
        info.validValues = Storage.ArgumentElement.validValues
        info.completion = completion ?? Storage.ArgumentElement.completion
        let member = ArgumentMember<Root>(
            info: info,
            tellsAbsence: Storage.argumentArity != .plain,
            store: { root, word, source throws(ValueError) in
                let value: Storage.ArgumentElement
                do {
                    value = try Storage.ArgumentElement(argument: word.text)
                } catch let error as ValueError {
                    throw error
                } catch {
                    throw ValueError(String(describing: error))
                }
                root[keyPath: path].storeArgument(value, from: source)
            },
            defaultText: { $0[keyPath: path].argumentDefault },
            fill: { root, lower in root[keyPath: path].fillArgument(from: lower[keyPath: path]) })
        return Self([member])
    }
}
