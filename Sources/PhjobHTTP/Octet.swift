/// The classes of bytes that the grammar of HTTP/1.1 is made of (RFC 9110, section 5.6; RFC 3986, section 3.3).
extension UInt8 {
    static let lineFeed = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let tab = UInt8(ascii: "\t")
    static let colon = UInt8(ascii: ":")
    static let slash = UInt8(ascii: "/")
    static let percent = UInt8(ascii: "%")

    var isDigit: Bool {
        self >= 0x30 && self <= 0x39
    }

    var isLetter: Bool {
        let lower = self | 0x20
        return lower >= 0x61 && lower <= 0x7A
    }

    /// The value of a hexadecimal digit, else nil.
    var hexadecimalValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }

    var asciiLowercased: UInt8 {
        self >= 0x41 && self <= 0x5A ? self | 0x20 : self
    }

    /// Whether a method or a field name may contain it (`tchar`).
    var isToken: Bool {
        if isDigit || isLetter {
            return true
        }
        return switch self {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), .percent, UInt8(ascii: "&"), UInt8(ascii: "'"),
            UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "^"),
            UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// Whether a field value may contain it: visible characters, space, tab, and bytes above ASCII.
    var isFieldContent: Bool {
        self == .tab || (self >= 0x20 && self != 0x7F)
    }

    /// Whether it stands for itself everywhere in a target (`unreserved`).
    var isUnreserved: Bool {
        isLetter || isDigit || self == UInt8(ascii: "-") || self == UInt8(ascii: ".") || self == UInt8(ascii: "_")
            || self == UInt8(ascii: "~")
    }

    /// Whether a path or a query may contain it unencoded: `pchar`, the slash, and the question mark.
    var isTargetContent: Bool {
        if isUnreserved {
            return true
        }
        return switch self {
        case UInt8(ascii: "!"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "'"), UInt8(ascii: "("),
            UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"),
            UInt8(ascii: "="), .colon, UInt8(ascii: "@"), .slash, UInt8(ascii: "?"), .percent:
            true
        default: false
        }
    }
}

extension BidirectionalCollection where Element == UInt8, SubSequence == Self {
    /// Without spaces and tabs at either end (`OWS`).
    func trimmingOptionalWhitespace() -> Self {
        var rest = self
        while let first = rest.first, first == .space || first == .tab {
            rest.removeFirst()
        }
        while let last = rest.last, last == .space || last == .tab {
            rest.removeLast()
        }
        return rest
    }
}
