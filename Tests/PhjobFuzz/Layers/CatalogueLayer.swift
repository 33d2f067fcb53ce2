import PhjobAPI
import PhjobCore

/// The administrator's file: every mistake is told, and none ends the runner that reads it.
enum CatalogueLayer: FuzzLayer {
    static let name = "catalogue"

    static func run(_ random: inout Randomness) throws(Violation) -> Bool {
        if random.happens(onceIn: 3) {
            let bytes = Mutation.bytes(Array(SampleCatalogue.text.utf8), &random)
            switch Result(catching: { () throws(InvalidValue) in try JSONBody.valueWithComments(in: bytes) }) {
            case .success(let value): return try read(value)
            case .failure(let error):
                try Check.isPlain(error.message, "the problem", most: 2000)
                return false
            }
        }
        var value = SampleCatalogue.value
        for _ in 0..<random.number(0...3) { value = JSONTree.changed(value, &random) }
        return try read(value)
    }

    private static func read(_ value: JSONValue) throws(Violation) -> Bool {
        do {
            let catalogue = try CatalogueReader.read(value)
            for group in catalogue.groups { try Check.isTrue(Name.isValid(group.name), "the group '\(group.name)'") }
            for path in catalogue.datasets.map(\.path) + catalogue.groups.compactMap(\.volume) {
                try Check.isTrue(HostPath.problem(in: path) == nil, "the path '\(path)'")
            }
            return true
        } catch let violation as Violation {
            throw violation
        } catch let problems as CatalogueReader.Problems {
            try Check.isTrue((1...101).contains(problems.all.count), "\(problems.all.count) problems")
            for problem in problems.all { try Check.isPlain(problem.description, "the problem", most: 10_000) }
            return false
        } catch {
            throw Violation("\(error)")
        }
    }
}
