/// One `name=value` of a query, decoded. A name without `=` has an empty value.
package struct HTTPQueryItem: Sendable, Equatable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
