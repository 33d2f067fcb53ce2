import Testing

@testable import PhjobRunner

@Suite("Recently used")
struct RecentlyUsedTests {
    @Test("What was used longest ago goes first")
    func order() {
        var table = RecentlyUsed<Int>(limit: 2)
        #expect(table.value("a", orNew: 1) == 1 && table.value("b", orNew: 2) == 2)
        #expect(table.value("a", orNew: 9) == 1)
        #expect(table.value("c", orNew: 3) == 3)
        #expect(table.value("a", orNew: 9) == 1 && table.value("b", orNew: 8) == 8)
        #expect(table.value("c", orNew: 7) == 7)
    }
}
