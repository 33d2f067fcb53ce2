package import PhjobCore
package import PhjobHTTP

/// The query of a request, read with errors that a person can use.
package struct RequestQuery {
    private let items: [HTTPQueryItem]

    package init(_ request: HTTPRequest) {
        items = request.target.query
    }

    package func string(_ name: String) -> String? {
        items.first { $0.name == name }?.value
    }

    package func strings(_ name: String) -> [String] {
        items.filter { $0.name == name }.map(\.value)
    }

    package func flag(_ name: String) throws(PhjobError) -> Bool {
        try value(name, "1 or 0") { ["1": true, "true": true, "0": false, "false": false][$0] } ?? false
    }

    package func time(_ name: String) throws(PhjobError) -> Timestamp? {
        try value(name, "an ISO 8601 time") { Timestamp($0) }
    }

    package func value<Value>(
        _ name: String, _ wanted: String, _ parse: (String) -> Value?
    ) throws(PhjobError) -> Value? {
        guard let text = string(name) else { return nil }
        guard let value = parse(text) else {
            throw PhjobError(
                .invalidRequest, "the parameter '\(name)' is '\(TerminalText.quoted(text))', not \(wanted)")
        }
        return value
    }
}
