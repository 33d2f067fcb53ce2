import PhjobSystem
import Testing

@testable import PhjobRunner

struct PeerAccountsTests {
    private static let now = Monotonic.now

    @Test func anAccountStaysAndAnAbsenceIsForAMinute() {
        var accounts = PeerAccounts()
        #expect(accounts.hasAccount(1000, at: Self.now) == nil)
        accounts.note(1000, hasAccount: true, at: Self.now)
        accounts.note(100_000, hasAccount: false, at: Self.now)
        #expect(accounts.hasAccount(1000, at: Self.now.adding(seconds: 1e6)) == true)
        #expect(accounts.hasAccount(100_000, at: Self.now.adding(seconds: 59)) == false)
        #expect(accounts.hasAccount(100_000, at: Self.now.adding(seconds: 60)) == nil)
        // An account that was made or removed since.
        accounts.note(100_000, hasAccount: true, at: Self.now)
        accounts.note(1000, hasAccount: false, at: Self.now)
        #expect(accounts.hasAccount(100_000, at: Self.now) == true && accounts.hasAccount(1000, at: Self.now) == false)
    }

    /// All 65,536 subordinate uids of one user connect.
    @Test func manyStrangersPushOutNoAccount() {
        var accounts = PeerAccounts()
        accounts.note(1000, hasAccount: true, at: Self.now)
        for uid in UInt32(100_000)..<165_536 { accounts.note(uid, hasAccount: false, at: Self.now) }
        let remembered = (UInt32(100_000)..<165_536).count { accounts.hasAccount($0, at: Self.now) == false }
        #expect(accounts.hasAccount(1000, at: Self.now) == true)
        #expect((1...PeerAccounts.capacity).contains(remembered))
        for uid in UInt32(2000)..<12_000 { accounts.note(uid, hasAccount: true, at: Self.now) }
        #expect(
            (UInt32(2000)..<12_000).count { accounts.hasAccount($0, at: Self.now) == true } <= PeerAccounts.capacity)
    }
}
