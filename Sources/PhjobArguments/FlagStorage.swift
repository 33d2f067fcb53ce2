/// A property type that a flag can be written to: `Bool`, `Bool?` (which tells "not given" from "no"), or `Int` (how
/// often it was given).
package protocol FlagStorage: Sendable {
    /// Whether the storage can tell a given "no" from nothing given.
    static var tellsNoFromAbsent: Bool { get }

    /// Whether giving the flag twice differs from giving it once.
    static var counts: Bool { get }

    /// Takes a flag, or its inverse if `isOn` is false.
    mutating func storeFlag(_ isOn: Bool)

    /// Whether help should show the flag as on by default.
    var isOnByDefault: Bool { get }

    /// Takes what `lower` has where nothing was given here.
    mutating func fillFlag(from lower: Self)
}

extension Bool: FlagStorage {
    package static var tellsNoFromAbsent: Bool { false }
    package static var counts: Bool { false }
    package var isOnByDefault: Bool { self }

    package mutating func storeFlag(_ isOn: Bool) {
        self = isOn
    }

    package mutating func fillFlag(from lower: Self) {
        self = self || lower
    }
}

extension Optional: FlagStorage where Wrapped == Bool {
    package static var tellsNoFromAbsent: Bool { true }
    package static var counts: Bool { false }
    package var isOnByDefault: Bool { self ?? false }

    package mutating func storeFlag(_ isOn: Bool) {
        self = isOn
    }

    package mutating func fillFlag(from lower: Self) {
        self = self ?? lower
    }
}

extension Int: FlagStorage {
    package static var tellsNoFromAbsent: Bool { false }
    package static var counts: Bool { true }
    package var isOnByDefault: Bool { false }

    package mutating func storeFlag(_ isOn: Bool) {
        self = isOn ? self + 1 : 0
    }

    package mutating func fillFlag(from lower: Self) {
        if self == 0 {
            self = lower
        }
    }
}
