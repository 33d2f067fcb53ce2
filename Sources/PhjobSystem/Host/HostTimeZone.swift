import Glibc

/// The time zone of this machine by its name. Foundation's `TimeZone` would load all its rules for that.
package enum HostTimeZone {
    /// An identifier such as `Europe/Berlin`: what the variable `TZ` names, else where `/etc/localtime` leads to
    /// (localtime(5)), else `UTC`.
    ///
    /// - Parameters:
    ///   - variable: the value of `TZ`.
    ///   - link: the link that is looked at.
    package static func identifier(
        variable: String? = getenv("TZ").map { String(cString: $0) }, link: String = "/etc/localtime"
    ) -> String {
        if let variable, let name = name(in: variable.hasPrefix(":") ? String(variable.dropFirst()) : variable) {
            return name
        }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link, &buffer, buffer.count)
        let target = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return target.hasPrefix("/") || target.hasPrefix("../") ? name(in: target) ?? "UTC" : "UTC"
    }

    /// The first second of a day in this machine's time zone (mktime(3)), in Unix time; `nil` if it cannot be represented.
    package static func midnight(year: Int32, month: Int32, day: Int32) -> Int64? {
        var time = tm()
        (time.tm_year, time.tm_mon, time.tm_mday, time.tm_isdst) = (year - 1900, month - 1, day, -1)
        // Set by mktime(3) unless it fails; -1 is a time like any other.
        time.tm_wday = -1
        let seconds = mktime(&time)
        return time.tm_wday < 0 ? nil : Int64(seconds)
    }

    /// The name itself, or the end of a path to its file.
    private static func name(in text: String) -> String? {
        let directory = "zoneinfo/"
        var name = text[...]
        if text.hasPrefix("/") || text.hasPrefix("../") {
            guard let end = text.ranges(of: directory).last?.upperBound else { return nil }
            name = text[end...]
        }
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "/_+-,.".utf8.contains(byte)
            }
        }
        return isPlain && !name.isEmpty && !name.contains("..") ? String(name) : nil
    }
}
