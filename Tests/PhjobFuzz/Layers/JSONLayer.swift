import FoundationEssentials
import PhjobAPI
import PhjobCore

/// JSON that users send: what is checked beforehand and what the decoder takes are the same.
enum JSONLayer: FuzzLayer {
    static let name = "json"

    static func run(_ random: inout Randomness) throws(Violation) -> Bool {
        let tree = JSONTree.random(&random)
        let valid = Array(JSONTree.text(tree, &random).utf8)
        guard random.happens(onceIn: 3) else { return try read(Mutation.bytes(valid, &random)) }
        let found = try Check.succeeds("reading") { try JSONBody.value(in: valid) }
        try Check.equal(found, tree, "what was written")
        let encoded = try Check.succeeds("writing") { try JSONBody.encode(found) }
        try Check.equal(try Check.succeeds("reading again") { try JSONBody.value(in: encoded) }, found, "once more")
        return true
    }

    private static func read(_ bytes: [UInt8]) throws(Violation) -> Bool {
        let commented = JSONSyntax.problem(in: bytes, allowingComments: true)
        try Check.isPlain(commented ?? "", "the problem with comments", most: 2000)
        _ = try? JSONBody.valueWithComments(in: bytes)
        let decoded = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))
        guard let problem = JSONSyntax.problem(in: bytes) else {
            try Check.isTrue(decoded != nil, "the decoder refuses what the check lets through")
            switch Result(catching: { () throws(InvalidValue) in try JSONBody.value(in: bytes) }) {
            case .success(let value):
                try Check.equal(value, decoded ?? .null, "what is read")
                return true
            case .failure(let error):
                try Check.isTrue(
                    error.message.contains("nested too deeply") || error.message.contains("there are more than"),
                    "what is right is refused: \(error.message)")
                return false
            }
        }
        try Check.isPlain(problem, "the problem", most: 2000)
        try Check.isTrue(problem.hasPrefix("line "), "no place in: \(problem)")
        // With blanks after it the decoder passes over a comma at the end, which no other reader of JSON does.
        let isOurRule = [
            "for the second time", "nested too deeply", "larger than any", "'}' where a name", "']' where a value",
        ].contains(where: problem.contains)
        // The decoder takes NULs for the halves of UTF-16's letters.
        try Check.isTrue(
            decoded == nil || isOurRule || bytes.contains(0), "the check refuses what the decoder takes: \(problem)")
        return false
    }
}
