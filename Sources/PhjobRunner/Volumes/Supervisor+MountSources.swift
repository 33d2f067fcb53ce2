import PhjobCore
import PhjobEngine
import PhjobSystem
import Synchronization

/// Jobs start only while the directories that they get can be reached.
extension Supervisor {
    /// Looks at all that a job gets. Blocks no longer than the time limit of a look.
    func look(at sources: [MountSource]) -> [MountSource.State] {
        sources.isEmpty ? [] : mountSources.look(at: sources) { [self] in plan() }
    }

    /// - Throws: ``PhjobError`` for one that can be of no use to the job.
    /// - Returns: why the job must wait; `nil` if all are there.
    func checkSources(of spec: JobSpec) throws(PhjobError) -> String? {
        var absence: String?
        for state in look(at: MountSource.all(of: spec)) {
            switch state {
            case .usable: break
            case .away(let words): absence = absence ?? words
            case .unusable(let error): throw error
            }
        }
        return absence
    }

    /// Makes what is mounted below a job's read-only datasets read-only too. Call it when all other mounts are there.
    ///
    /// - Throws: ``PhjobError`` if what is mounted cannot be said, or not be told to an engine.
    func coverMounts(of request: inout ContainerRequest, for spec: JobSpec) throws(PhjobError) {
        let sources = MountSource.all(of: spec)
        var paths: [String: String] = [:]
        for (source, state) in zip(sources, look(at: sources)) {
            if case .usable(let realPath) = state { paths[source.path] = realPath }
        }
        let mounts: MountTable
        do throws(SystemError) {
            mounts = try MountTable()
        } catch {
            throw PhjobError(.unavailable, "what is mounted here cannot be read: \(error)", hint: "see 'phjob doctor'")
        }
        try request.coverMounts(below: mounts) { paths[$0] }
    }

    /// The groups whose jobs wait because something that they get is away, and what.
    func absences(in catalogue: Catalogue) -> [String: String] {
        var absences: [String: String] = [:]
        guard mountSources.hasAbsences else { return absences }
        for group in catalogue.groups {
            absences[group.name] = mountSources.absence(of: MountSource.all(of: group, in: catalogue))
        }
        return absences
    }

    /// Takes out of a plan the starts of jobs whose directories have not been seen lately.
    ///
    /// - Returns: the directories to be looked at before the next plan.
    func deferUnseen(_ plan: inout SchedulingPlan, _ state: State) -> Set<MountSource> {
        var unseen: [String: [MountSource]] = [:]
        for name in Set(plan.starts.compactMap { state.table.summary($0.id)?.groupName }) {
            guard let group = state.catalogue.group(named: name) else { continue }
            let sources = MountSource.all(of: group, in: state.catalogue)
            if !mountSources.isCurrent(sources) { unseen[name] = sources }
        }
        guard !unseen.isEmpty else { return [] }
        plan.starts.removeAll { start in
            state.table.summary(start.id).map { unseen[$0.groupName] != nil } ?? false
        }
        return Set(unseen.values.joined())
    }

    /// Looks at directories on another thread, and then plans again.
    func lookAtSources(_ sources: Set<MountSource>) {
        guard !sources.isEmpty else { return }
        executor.onceAtATime("sources") { [self] in
            _ = look(at: Array(sources))
        } then: { [self] in
            plan()
        }
    }

    /// One that failed rather than hung comes back without a sign, so it is looked at again while a job waits for it.
    ///
    /// - Parameter names: the groups whose jobs wait.
    func lookAtSourcesLater(of names: Set<String>) {
        guard !names.isEmpty else { return }
        executor.onceAtATime("absences") { [self] in
            var backoff = Backoff(first: sourceInterval, longest: sourceInterval)
            backoff.wait()
            let catalogue = state.withLock(\.catalogue)
            let groups = catalogue.groups.filter { names.contains($0.name) }
            _ = look(at: Array(Set(groups.flatMap { MountSource.all(of: $0, in: catalogue) })))
        } then: { [self] in
            plan()
        }
    }
}

extension Supervisor.State {
    /// Those of the groups that have a job waiting.
    func waitingGroups(among groups: [String: String]) -> Set<String> {
        groups.isEmpty ? [] : Set(table.queue.lazy.map(\.groupName).filter { groups[$0] != nil })
    }
}
