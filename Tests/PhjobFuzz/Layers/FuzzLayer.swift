/// Something that reads what others wrote, with the properties that must hold whatever that is.
protocol FuzzLayer: SendableMetatype {
    static var name: String { get }

    /// Makes an input and has it read.
    ///
    /// - Returns: whether it was accepted.
    /// - Throws: the property that does not hold.
    static func run(_ random: inout Randomness) throws(Violation) -> Bool
}
