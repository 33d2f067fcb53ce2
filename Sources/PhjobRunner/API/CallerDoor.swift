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
        return result
    }

    /// Asked about each new connection. In personal mode the socket's mode keeps others out, and so does this.
    func admit(_ descriptor: Int32) -> HTTPAdmission {
        guard let uid = try? UnixSocket.peer(of: descriptor).uid else {
            return refusal(PhjobError(.forbidden, "the kernel does not say who is calling"))
        }
        if let owner, uid != owner.uid, uid != 0 {
            return refusal(
                PhjobError(
                    .forbidden, "this runner belongs to \(owner.name)", hint: "start your own with 'phjob runner start'"
                ))
        }
        return .accepted(peer: UInt64(uid), isPrivileged: administrators.withLock { $0.contains(uid) })
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
        let caller = try lookup.caller(uid: UInt32(truncatingIfNeeded: exchange.peer), catalogue)
        administrators.withLock { administrators in
            if caller.isAdministrator {
                administrators.insert(caller.user.uid)
            } else {
                administrators.remove(caller.user.uid)
            }
        }
        return caller
    }

    private func refusal(_ error: PhjobError) -> HTTPAdmission { .refused(APIServer.response(error)) }
}
