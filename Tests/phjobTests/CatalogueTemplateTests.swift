import FoundationEssentials
import PhjobCore
import Testing

@testable import phjob

@Suite struct CatalogueTemplateTests {
    private static func read(_ template: CatalogueTemplate) throws -> Catalogue {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        return try CatalogueReader.read(decoder.decode(JSONValue.self, from: Data(template.text.utf8)))
    }

    static let nodes: [NodeSize] = [
        NodeSize(processors: 1, memory: MemorySize(bytes: 128 << 20), gpus: 0),
        NodeSize(processors: 2, memory: MemorySize(bytes: 2_073_432_064), gpus: 0),
        NodeSize(processors: 6, memory: MemorySize(bytes: 16 << 30), gpus: 1),
        NodeSize(processors: 16, memory: MemorySize(bytes: 1 << 30), gpus: 0),
        NodeSize(processors: 4, memory: MemorySize(bytes: 64 << 30), gpus: 8),
        NodeSize(processors: 96, memory: MemorySize(bytes: 768 << 30), gpus: 3),
        NodeSize(processors: 256, memory: MemorySize(bytes: 2 << 40), gpus: 8),
    ]

    @Test(arguments: nodes) func everyTypeFitsAndTheLargestFillsTheMachine(node: NodeSize) throws {
        let template = CatalogueTemplate(
            userName: "alice", node: node, volume: "/home/alice/volume",
            images: [.init(name: "base", reference: "localhost/phjob/base:latest")])
        let catalogue = try Self.read(template)
        let capacity =
            ResourceAmount(cpu: CPUAmount(milli: Int64(node.processors) * 1000), memory: node.memory, gpus: node.gpus)
            - ResourceAmount(
                cpu: catalogue.node.reservedCPU, memory: catalogue.node.reservedMemory, gpus: 0)
        for type in catalogue.instanceTypes { #expect(type.demand.fits(in: capacity), "\(type.name)") }
        #expect(catalogue.instanceTypes.contains { $0.name == "cpu-\(node.processors)" })
        #expect(catalogue.instanceTypes.contains { $0.gpuLimit == node.gpus })
        // As many of the smallest fit as there are processors, and GPUs.
        let smallest = try #require(catalogue.instanceTypes.first)
        #expect(smallest.demand.count(in: capacity) == node.processors)
        if let gpu = catalogue.instanceTypes.first(where: { $0.gpuLimit == 1 }) {
            #expect(gpu.demand.count(in: capacity) == node.gpus)
        }
    }

    @Test func whatIsGivenIsWritten() throws {
        var template = CatalogueTemplate(
            userName: "O'Brien \"x\"", node: Self.nodes[1], volume: "/home/it's/ü \\u",
            images: [
                .init(name: "base", reference: "localhost/phjob/base:latest"),
                .init(name: "minimal", reference: "localhost/phjob/minimal:latest"),
            ])
        template.volume = "/home/it's/ü"
        template.engine = .docker
        template.engineEnvironment = ["CONTAINERS_CONF": "/a \"b\""]
        template.network = "none"
        template.networkReason = "netavark: \n*/ } no"
        let catalogue = try Self.read(template)
        #expect(catalogue.engine == .init(choice: .docker, environment: ["CONTAINERS_CONF": "/a \"b\""]))
        #expect(catalogue.groups.map(\.name) == ["o-brien--x"])
        #expect(catalogue.groups[0].users == ["O'Brien \"x\""])
        #expect(catalogue.groups[0].volume == "/home/it's/ü")
        #expect(catalogue.images.map(\.name) == ["base", "minimal"])
        #expect(catalogue.images.allSatisfy { $0.pullPolicy == .never })
        #expect(catalogue.defaults.group == "o-brien--x")
        #expect(catalogue.defaults.instanceType == "cpu-1")
        #expect(catalogue.defaults.image == "base")
        #expect(catalogue.limits.network == "none")
        #expect(catalogue.datasets == [])
    }

    @Test func withoutImagesAndVolumeItIsStillValid() throws {
        let template = CatalogueTemplate(userName: "bob", node: Self.nodes[0], volume: nil, images: [])
        let catalogue = try Self.read(template)
        #expect(catalogue.images == [])
        #expect(catalogue.groups[0].volume == nil)
    }

    /// The commented examples become valid entries when the comment marks are taken away.
    @Test func theExamplesAreValid() throws {
        let template = CatalogueTemplate(userName: "bob", node: Self.nodes[0], volume: nil, images: [])
        let text = template.text.replacing("        // {", with: "        {")
        try InitCommand.check(text)
        #expect(text != template.text)
    }

    @Test(arguments: [
        ("alice", "alice"), ("Alice.Smith", "alice.smith"), ("_apt", "apt"), ("DOM\\bob$", "dom-bob"), ("...", "jobs"),
        ("", "jobs"),
        ("用户", "jobs"), ("a..b", "a-b"), (String(repeating: "x", count: 80), String(repeating: "x", count: 63)),
    ])
    func userNamesBecomeGroupNames(user: String, group: String) {
        #expect(CatalogueTemplate.groupName(for: user) == group)
        #expect(Name.isValid(CatalogueTemplate.groupName(for: user)))
    }

    @Test func aMistakeInItIsFoundByItsLine() {
        let text = CatalogueTemplate(userName: "bob", node: Self.nodes[0], volume: nil, images: []).text
        #expect(JSONSyntax.problem(in: Array(text.utf8), allowingComments: true) == nil)
        let broken = text.replacing("\"schema\": 1,", with: "\"schema\": one, /* x */")
        #expect(
            JSONSyntax.problem(in: Array(broken.utf8), allowingComments: true)
                == "line 4, column 15: there is 'one' where a value should be")
    }

    @Test func imagesOfOursAreFound() {
        let list = """
            localhost/phjob/base:latest
            docker.io/library/debian:12
            localhost/phjob/minimal:latest
            localhost/phjob/base:old
            localhost/phjob/<none>:<none>
            localhost/phjob/base:latest
            """
        #expect(LocalImages.parse(list).map(\.name) == ["base", "minimal"])
    }
}
