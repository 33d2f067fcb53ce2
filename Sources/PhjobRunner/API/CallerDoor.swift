import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobSystem
import Synchronization

/// Who is let in to the API, and as whom.
final class CallerDoor: Sendable {
    /// Whose personal runner this is; nil if it serves everybody.
    private let owner: JobSpec.User?
    private let supervisor: Supervisor
    /// The administrators that have called, as of their last request: at the door nobody is looked up.
    private let administrators = Mutex<Set<UInt32>>([0])
    private let accounts = Mutex(PeerAccounts())

    init(owner: JobSpec.User?, supervisor: Supervisor) {
        self.owner = owner
        self.supervisor = supervisor
    }

    private var callerLimits: CallerLimits {
        supervisor.state.withLock { CallerLimits($0.catalogue.limits, supervisor.mode) }
    }

    /// How many requests of one user may wait or follow at a time.
    var streamLimit: Int { callerLimits.userStreams }

    /// How many connections there may be.
    var limits: HTTPLimits {
        let limits = callerLimits
        var result = HTTPLimits()
        result.connections = limits.connections
        result.connectionsPerPeer = min(limits.userConnections, limits.connections)
        result.unidentifiedConnections = max(1, min(result.unidentifiedConnections, limits.connections / 4))
        return result
    }

    /// Decides about each new connection, in the accept loop: nothing is looked up here.
    func admit(_ descriptor: Int32) -> HTTPAdmission {
        guard let uid = try? UnixSocket.peer(of: descriptor).uid else { return .refused(Self.unknownPeer) }
        return admit(uid: uid)
    }

    /// As ``admit(_:)``, by the uid of the connection's peer. In personal mode the socket's mode keeps others out, and so does this.
    func admit(uid: UInt32) -> HTTPAdmission {
        if let owner {
            guard uid == owner.uid || uid == 0 else { return .refused(foreigner) }
            return .accepted(peer: UInt64(uid), isPrivileged: true)
        }
        if administrators.withLock({ $0.contains(uid) }) { return .accepted(peer: UInt64(uid), isPrivileged: true) }
        if CallerLookup.nobodies.contains(uid) { return .refused(Self.noAccount) }
        switch accounts.withLock({ $0.hasAccount(uid, at: .now) }) {
        case true: return .accepted(peer: UInt64(uid))
        case false: return .refused(Self.noAccount)
        case nil: return .unidentified(peer: UInt64(uid))
        }
    }

    /// Looks up a peer that is not known yet, on its connection's thread. One that the user database does not tell of at the moment
    /// stays unidentified: its requests are answered with that.
    func identify(_ peer: UInt64) -> HTTPAdmission {
        let uid = UInt32(truncatingIfNeeded: peer)
        do throws(AccountLookupError) {
            let hasAccount = try supervisor.users.account(uid: uid) != nil
            accounts.withLock { $0.note(uid, hasAccount: hasAccount, at: .now) }
            return hasAccount ? .accepted(peer: peer) : .refused(Self.noAccount)
        } catch {
            return .unidentified(peer: peer)
        }
    }

    /// The person behind a request, as they are at this moment. In personal mode that is the owner: nothing can be kept from
    /// root, who acts as the owner too.
    ///
    /// - Throws: ``PhjobError`` with code `forbidden` for a uid that is nobody's, `unavailable` if that cannot be told.
    func caller(of exchange: HTTPExchange) throws(PhjobError) -> Caller {
        let lookup = CallerLookup(users: supervisor.users)
        let catalogue = supervisor.state.withLock(\.catalogue)
        if let owner {
            let account = UserAccount(name: owner.name, uid: owner.uid, gid: owner.gid, home: "/")
            let (groups, unknown) = lookup.memberships(account, of: catalogue.unixGroups)
            return Caller(user: owner, unixGroups: groups, unknownUnixGroups: unknown, isAdministrator: true)
        }
        let uid = UInt32(truncatingIfNeeded: exchange.peer)
        let caller: Caller
        do throws(PhjobError) {
            caller = try lookup.caller(uid: uid, catalogue)
        } catch {
            // An account that is gone: what was known of the uid is not true any more.
            if error.code == .forbidden {
                accounts.withLock { $0.note(uid, hasAccount: false, at: .now) }
                _ = administrators.withLock { uid == 0 ? nil : $0.remove(uid) }
            }
            throw error
        }
        administrators.withLock { administrators in
            if caller.isAdministrator {
                administrators.insert(caller.user.uid)
            } else {
                administrators.remove(caller.user.uid)
            }
        }
        return caller
    }

    // Made once: a refusal must cost less than a connection does.
    private static let unknownPeer = APIServer.response(
        PhjobError(.forbidden, "the kernel does not say who is calling"))
    private static let noAccount = APIServer.response(CallerLookup.noAccount("your uid"))
    private var foreigner: HTTPResponse {
        APIServer.response(
            PhjobError(
                .forbidden, "this runner belongs to \(owner?.name ?? "another user")",
                hint: "start your own with 'phjob runner start'"))
    }
}
