extension String {
    /// The text with control, format and line-separating characters written as escapes, so that it cannot steer a
    /// terminal.
    package var printable: String {
        guard unicodeScalars.contains(where: \.isUnprintable) else { return self }
        var result = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where scalar.isUnprintable: result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The text as messages echo it: printable, cut if it is long, in single quotes.
    package var quotedForMessage: String {
        let limit = 100
        let start = prefix(limit)
        return "'\(String(start).printable)\(start.endIndex == endIndex ? "" : "…")'"
    }
}

extension Unicode.Scalar {
    fileprivate var isUnprintable: Bool {
        if value < 0x7F {
            return value < 0x20
        }
        return switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
