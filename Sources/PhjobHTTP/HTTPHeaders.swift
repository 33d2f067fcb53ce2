/// The fields of a message in their order; names are compared without regard to case (RFC 9110, section 5).
package struct HTTPHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    /// One field line.
    package struct Field: Sendable, Equatable {
        package var name: String
        package var value: String
    }

    /// Every field line, in order; a name may occur more than once.
    package private(set) var fields: [Field] = []

    package init() {}

    package init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements {
            add(name, value)
        }
    }

    /// The first value of a field. Setting replaces every line of that name; `nil` removes them.
    package subscript(name: String) -> String? {
        get {
            fields.first { Self.areEqual($0.name, name) }?.value
        }
        set {
            fields.removeAll { Self.areEqual($0.name, name) }
            if let newValue {
                add(name, newValue)
            }
        }
    }

    /// All values of a field, one a line, in order.
    package func values(_ name: String) -> [String] {
        fields.filter { Self.areEqual($0.name, name) }.map(\.value)
    }

    /// Adds a line, whether or not the name is there already.
    package mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// The members of a comma-separated list field, in lower case, without empty ones (RFC 9110, section 5.6.1).
    func listMembers(_ name: String) -> [String] {
        values(name).flatMap { value in
            value.utf8.split(separator: UInt8(ascii: ",")).compactMap { member in
                let trimmed = Substring(member.trimmingOptionalWhitespace())
                return trimmed.isEmpty ? nil : trimmed.lowercased()
            }
        }
    }

    /// Compares ASCII letters without regard to case, without making new strings.
    static func areEqual(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else {
            return false
        }
        return zip(left.utf8, right.utf8).allSatisfy { $0.asciiLowercased == $1.asciiLowercased }
    }

    /// Appends the field lines as they go over the wire. CR, LF and NUL become spaces, so that a value can never
    /// start a line of its own (RFC 9110, section 5.5).
    func write(to bytes: inout [UInt8]) {
        for field in fields {
            Self.write(field.name, to: &bytes)
            bytes.append(contentsOf: [UInt8(ascii: ":"), UInt8(ascii: " ")])
            Self.write(field.value, to: &bytes)
            bytes.append(contentsOf: [UInt8(ascii: "\r"), UInt8(ascii: "\n")])
        }
    }

    private static func write(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: text.utf8.lazy.map { $0 == 0 || $0 == 10 || $0 == 13 ? UInt8(ascii: " ") : $0 })
    }
}
