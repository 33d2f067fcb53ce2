import PhjobCore
import PhjobHTTP

/// Refuses requests that a web page could have sent. Pure: decided by the request alone, before the router.
///
/// A browser reaches the socket when it is forwarded to a TCP port (`ssh -L 8080:/run/phjob/phjob.sock`); any page that is open
/// in it could then submit jobs as the person who forwards it. No client of the API needs what only browsers send.
enum BrowserGuard {
    /// A refusal: the answer's status and its error.
    struct Refusal: Equatable {
        let status: HTTPStatus
        let error: PhjobError
    }

    /// Why a request is not served; `nil` if it may be.
    static func refusal(_ request: HTTPRequest) -> Refusal? {
        let headers = request.headers
        // Fetch metadata and `Origin` are forbidden request-header names: a page cannot leave them out (Fetch, section 2.2.2).
        if let field = headers.fields.first(where: { isBrowsersOwn($0.name) }) {
            return forbidden("a request with the header '\(TerminalText.quoted(field.name))' is from a web page")
        }
        // A name that an attacker's DNS server points at 127.0.0.1 (DNS rebinding) makes a page same-origin: over plain HTTP no
        // browser sends fetch metadata then.
        if let host = headers["Host"], host.contains("."), !isLoopbackLiteral(host) {
            return forbidden("the host '\(TerminalText.quoted(host))' is not this machine")
        }
        guard !request.body.isEmpty else { return nil }
        // A page may send text/plain, forms and bodies without a type to any host; JSON only if the server agrees beforehand.
        let types = headers.values("Content-Type")
        guard types.count == 1, isJSON(types[0]) else {
            return Refusal(
                status: .unsupportedMediaType,
                error: PhjobError(
                    .invalidRequest, "the body is not declared as JSON",
                    hint: "send it with the header 'Content-Type: application/json'"))
        }
        return nil
    }

    private static func forbidden(_ why: String) -> Refusal {
        Refusal(
            status: .forbidden,
            error: PhjobError(
                .forbidden, "\(why); the runner's socket does not serve browsers",
                hint: "use the command 'phjob', or a client that sends none of a browser's headers"))
    }

    private static func isBrowsersOwn(_ name: String) -> Bool {
        let name = name.lowercased()
        return name == "origin" || name.hasPrefix("sec-fetch-")
    }

    /// Whether it is `127.x.y.z`, with or without a port (RFC 5735, section 3). Literals of IPv6 have no dot.
    private static func isLoopbackLiteral(_ host: String) -> Bool {
        let parts = host.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let octets = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let isNumber = { (text: Substring, most: Int) in
            !text.isEmpty && text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
                && (Int(text) ?? .max) <= most
        }
        return octets.count == 4 && octets.allSatisfy { isNumber($0, 255) } && octets[0] == "127"
            && (parts.count == 1 || isNumber(parts[1], 65_535))
    }

    /// Whether a media type is `application/json`, with any parameters (RFC 9110, section 8.3.1).
    private static func isJSON(_ type: String) -> Bool {
        let essence = type.prefix { $0 != ";" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed()
        return String(essence).lowercased() == "application/json"
    }
}
