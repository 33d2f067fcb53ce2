import PhjobCore
import Testing

struct JSONReaderTests {
    private enum Colour: String, CaseIterable {
        case red
        case green
    }

    private static let keys = ["text", "flag", "count", "amount", "colour", "words", "table", "things", "inner"]

    private func reader(_ text: String, place: String = "") throws -> JSONReader {
        JSONReader(try Sample.json(text), place: place, allowed: Self.keys, problems: JSONReader.Problems())
    }

    @Test func readsEverything() throws {
        let reader = try reader(
            #"{"text":"a","flag":true,"count":5,"amount":1.5,"colour":"red","words":["x","y"],"table":{"k":"v"}}"#)
        #expect(reader.string("text") == "a")
        #expect(reader.bool("flag") == true)
        #expect(reader.integer("count", in: 0...5) == 5)
        #expect(reader.number("amount") == 1.5)
        #expect(reader.number("count") == 5)
        #expect(reader.choice("colour", Colour.self) == .red)
        #expect(reader.strings("words") == ["x", "y"])
        #expect(reader.dictionary("table") == ["k": "v"])
        #expect(reader.problems.all.isEmpty)
    }

    @Test(arguments: ["{}", #"{"text":null,"count":null,"words":null,"table":null,"inner":null,"things":null}"#])
    func whatIsMissingIsNil(_ text: String) throws {
        let reader = try reader(text)
        #expect(!reader.has("text"))
        #expect(reader.string("text") == nil && reader.bool("flag") == nil && reader.number("amount") == nil)
        #expect(reader.integer("count", in: 1...2) == nil && reader.choice("colour", Colour.self) == nil)
        #expect(reader.strings("words") == nil && reader.dictionary("table") == nil && reader.list("things").isEmpty)
        #expect(reader.object("inner", allowed: []).string("x") == nil)
        #expect(reader.problems.all.isEmpty)
    }

    @Test func everyProblemWithItsPlace() throws {
        let reader = try reader(
            """
            {"text":1,"flag":"yes","count":"5","amount":[],"colour":"blue","words":["x",2],"table":{"k":1,"l":"m"},
             "things":{},"inner":7,"other":1,"\\u001b":2}
            """, place: "top")
        _ = (reader.string("text"), reader.bool("flag"), reader.integer("count", in: 0...1), reader.number("amount"))
        _ = (reader.choice("colour", Colour.self), reader.list("things"), reader.object("inner", allowed: []))
        #expect(reader.strings("words") == ["x"])
        #expect(reader.dictionary("table") == ["l": "m"])
        let known = "are not known here; known are " + Self.keys.joined(separator: ", ")
        #expect(
            reader.problems.all.map(\.description) == [
                "top: '\\x1b', 'other' " + known, "top.text: must be a string, not a number",
                "top.flag: must be true or false, not a string", "top.count: must be a whole number, not a string",
                "top.amount: must be a number, not a list", "top.colour: 'blue' is not one of red, green",
                "top.things: must be a list, not an object", "top.inner: must be an object, not a number",
                "top.words[1]: must be a string, not a number", "top.table.k: must be a string, not a number",
            ])
    }

    @Test(arguments: [
        ("-1", "is -1; it must be at least 0"), ("11", "is 11; it must be at most 10"),
        ("1.5", "must be a whole number between 0 and 10"),
        ("99999999999999999999", "must be a whole number between 0 and 10"),
        ("9223372036854775807", "is 9223372036854775807; it must be at most 10"),
        ("true", "must be a whole number, not true or false"),
    ])
    func numbersOutOfRange(_ number: String, message: String) throws {
        let reader = try reader(#"{"count":\#(number)}"#)
        #expect(reader.integer("count", in: 0...10) == nil)
        #expect(reader.problems.all == [JSONReader.Problem(place: "count", message: message)])
    }

    @Test func theWholeMustBeAnObject() throws {
        let reader = try reader("[]")
        #expect(reader.problems.all.map(\.description) == ["must be an object, not a list"])
        #expect(reader.string("text") == nil)
    }

    @Test func placesOfLists() throws {
        let reader = try reader(#"{"things":[1,"b"]}"#, place: "a")
        #expect(reader.list("things").map(\.place) == ["a.things[0]", "a.things[1]"])
        #expect(reader.list("things").map(\.value) == [.integer(1), .string("b")])
    }
}
