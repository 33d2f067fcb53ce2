/// Every layer, by name.
enum AllLayers {
    /// Those that inputs go to unless others are named.
    static let regular: [any FuzzLayer.Type] = [
        RequestLayer.self, JSONLayer.self, QueryLayer.self, SubmissionLayer.self, RequestLayer.self, AnswerLayer.self,
        CatalogueLayer.self, JSONLayer.self, RecordLayer.self, ValueLayer.self, EngineLayer.self, LogLayer.self,
        TextLayer.self, ScriptLayer.self,
    ]

    private static let faulty: [any FuzzLayer.Type] = [
        FaultyLayer.Violating.self, FaultyLayer.Trapping.self, FaultyLayer.Endless.self, FaultyLayer.Growing.self,
        FaultyLayer.Accepting.self,
    ]

    static func named(_ name: String) -> (any FuzzLayer.Type)? { (regular + faulty).first { $0.name == name } }
}
