/// Text inside a request target (RFC 3986, section 2.1).
enum PercentEncoding {
    /// Decodes one path segment, or one name or value of a query.
    ///
    /// - Parameter plusIsSpace: in a query `+` stands for a space, as every form encoder writes it.
    /// - Throws: `HTTPError.malformed` when an escape is not two hexadecimal digits, when the result is not UTF-8, or
    ///   when it contains NUL.
    static func decode(_ encoded: ArraySlice<UInt8>, plusIsSpace: Bool) throws(HTTPError) -> String {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(encoded.count)
        var index = encoded.startIndex
        while index < encoded.endIndex {
            var byte = encoded[index]
            if byte == .percent {
                guard index + 2 < encoded.endIndex, let high = encoded[index + 1].hexadecimalValue,
                    let low = encoded[index + 2].hexadecimalValue
                else {
                    throw .malformed(.percentEncoding)
                }
                byte = high << 4 | low
                index += 2
            } else if plusIsSpace && byte == UInt8(ascii: "+") {
                byte = .space
            }
            guard byte != 0 else {
                throw .malformed(.targetText)
            }
            decoded.append(byte)
            index += 1
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw .malformed(.targetText)
        }
        return text
    }

    /// Encodes everything but the unreserved characters, so that the result means the same in a path and a query.
    static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        var encoded = ""
        for byte in text.utf8 {
            if byte.isUnreserved {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded.append("%")
                encoded.append(digits[Int(byte >> 4)])
                encoded.append(digits[Int(byte & 15)])
            }
        }
        return encoded
    }
}
