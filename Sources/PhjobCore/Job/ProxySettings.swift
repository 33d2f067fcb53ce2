/// The HTTP proxies that jobs are to use, as the catalogue names them. A URL may hold a password: it never appears in
/// an argument list, a log or an answer of the API.
package struct ProxySettings: Sendable, Equatable, Codable {
    /// The proxy for `http:` URLs.
    package var http: String?
    /// The proxy for `https:` URLs.
    package var https: String?
    /// Hosts that are reached directly, separated by commas.
    package var no: String?

    package init(http: String? = nil, https: String? = nil, no: String? = nil) {
        self.http = http
        self.https = https
        self.no = no
    }

    /// The variables in which programs look for proxies: in small letters (curl(1)) or in capitals.
    package static let variables = ["HTTP", "HTTPS", "FTP", "ALL", "NO"].flatMap { kind in
        ["\(kind)_PROXY", "\(kind.lowercased())_proxy"]
    }

    /// What a job gets in its environment.
    package var environment: [(name: String, value: String)] {
        [("http", http), ("https", https), ("no", no)].flatMap { kind, value -> [(name: String, value: String)] in
            guard let value else { return [] }
            return [("\(kind)_proxy", value), ("\(kind.uppercased())_PROXY", value)]
        }
    }

    /// Why a proxy cannot be used; `nil` if it can. The words do not repeat it: it may hold a password.
    package static func problem(inURL url: String) -> String? {
        let schemes = ["http://", "https://", "socks5://", "socks5h://"]
        guard let scheme = schemes.first(where: { url.hasPrefix($0) }), url.utf8.count > scheme.utf8.count else {
            return "is not the URL of a proxy; write one such as http://proxy.example.org:3128"
        }
        return problem(inText: url)
    }

    /// The same for a list of hosts.
    package static func problem(inText text: String) -> String? {
        text.unicodeScalars.allSatisfy { TerminalText.isPlain($0) && $0 != " " }
            ? nil : "has a blank or a control character"
    }
}
