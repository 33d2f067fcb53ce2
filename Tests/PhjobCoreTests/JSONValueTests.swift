import FoundationEssentials
import PhjobCore
import Testing

struct JSONValueTests {
    @Test(
        arguments: [
            ("null", .null), ("true", .bool(true)), ("false", .bool(false)), ("0", .integer(0)), ("-7", .integer(-7)),
            ("9223372036854775807", .integer(.max)), ("1.5", .number(1.5)), ("1e3", .integer(1000)),
            ("99999999999999999999", .number(1e20)), ("\"1\"", .string("1")), ("\"\"", .string("")), ("[]", .array([])),
            ("{}", .object([:])), ("[1,[null],{}]", .array([.integer(1), .array([.null]), .object([:])])),
            (#"{"a":{"b":[true]}}"#, .object(["a": .object(["b": .array([.bool(true)])])])),
        ] as [(String, JSONValue)])
    func reads(_ text: String, value: JSONValue) throws {
        #expect(try Sample.json(text) == value)
        #expect(try Sample.recoded(value) == value)
    }

    @Test(arguments: ["", "{", "[1,", "{\"a\":}", "nul", "'a'", "{\"a\":1,}x", "\u{1b}"])
    func malformed(_ text: String) {
        #expect(throws: DecodingError.self) { try Sample.json(text) }
    }

    @Test(arguments: [
        ("null", "null"), ("true", "true or false"), ("1", "a number"), ("1.5", "a number"), ("\"\"", "a string"),
        ("[]", "a list"), ("{}", "an object"),
    ])
    func kinds(_ text: String, kind: String) throws {
        #expect(try Sample.json(text).kind == kind)
    }

    @Test(arguments: [
        (#"{"a":1,"b":2}"#, #"{"a":9}"#, #"{"b":2}"#),
        (#"{"a":{"x":1,"y":2},"b":2}"#, #"{"a":{"x":9},"b":0}"#, #"{"a":{"y":2}}"#),
        (#"{"a":[1,{"x":1}]}"#, #"{"b":1}"#, #"{"a":[1,{"x":1}]}"#),
        (#"{"a":null}"#, #"{}"#, #"{"a":null}"#),
    ])
    func subtracting(_ all: String, _ known: String, rest: String) throws {
        #expect(try Sample.json(all).subtracting(Sample.json(known)) == Sample.json(rest))
    }

    @Test(arguments: [
        (#"{"a":1}"#, #"{"a":2,"b":3}"#), (#"{}"#, #"{}"#), ("1", "{}"), ("{}", "1"), ("[1]", "[2]"),
        (#"{"a":[{"x":1}]}"#, #"{"a":[{}]}"#), (#"{"a":{"x":{}}}"#, #"{"a":{"x":{"y":1}}}"#),
    ])
    func nothingIsLeft(_ all: String, _ known: String) throws {
        #expect(try Sample.json(all).subtracting(Sample.json(known)) == nil)
    }

    @Test(arguments: [
        (#"{"a":1}"#, #"{"b":2}"#, #"{"a":1,"b":2}"#), (#"{"a":1}"#, #"{"a":2}"#, #"{"a":1}"#),
        (#"{"a":{"x":1}}"#, #"{"a":{"x":2,"y":3},"b":{"z":4}}"#, #"{"a":{"x":1,"y":3},"b":{"z":4}}"#),
        (#"{"a":[1]}"#, #"{"a":[1,2]}"#, #"{"a":[1]}"#), ("1", #"{"a":1}"#, "1"), (#"{"a":1}"#, "1", #"{"a":1}"#),
        (#"{"a":null}"#, #"{"a":1}"#, #"{"a":null}"#),
    ])
    func filling(_ own: String, _ other: String, result: String) throws {
        #expect(try Sample.json(own).filling(from: Sample.json(other)) == Sample.json(result))
    }

    /// What a newer phjob wrote survives a rewrite by this one.
    @Test func unknownMembersOfARecordComeBack() throws {
        let encoded = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(Sample.job(Sample.running())))
        let later = try Sample.json(
            #"{"spec":{"priority":5,"user":{"groups":[7]}},"status":{"node":"n1"},"new":{"a":[]}}"#)
        let onDisk = encoded.filling(from: later)
        let job = try JSONDecoder().decode(Job.self, from: JSONEncoder().encode(onDisk))
        let again = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(job))
        let rest = try #require(onDisk.subtracting(again))
        #expect(rest == later)
        #expect(again.filling(from: rest) == onDisk)
    }
}
