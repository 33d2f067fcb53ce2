import PhjobCore
import PhjobEngine
import PhjobSystem

/// What a person should know of this machine before a job's hours are spent on it.
enum SubmissionWarnings {
    /// - Parameters:
    ///   - engine: nil while it is still looked for.
    ///   - drain: that no job is started.
    ///   - logOut: what a log-out of the runner's user does to the jobs; `nil` if they outlive it.
    static func texts(engine: EngineFacts?, logOut: LogOutEffect?, drain: Drain? = nil) -> [String] {
        var texts: [String] = []
        if let drain { texts.append(drain.message) }
        // Docker's containers are its daemon's. Before the engine is known it had better be said in vain than not at all.
        if let logOut, engine?.name != .docker { texts.append(words(logOut)) }
        if let engine, !engine.unenforcedLimits.isEmpty {
            let limits = engine.unenforcedLimits.joined(separator: ", ")
            texts.append("\(engine.name) does not enforce these limits here: \(limits); 'phjob doctor' says more")
        }
        return texts
    }

    private static func words(_ logOut: LogOutEffect) -> String {
        switch logOut {
        case .endsAll: "systemd ends your jobs when you log out; run 'loginctl enable-linger'"
        case .endsWithRunner:
            "after you log out your jobs run on only while the runner does; run 'loginctl enable-linger'"
        }
    }

    /// How many names are told; a job may have thousands.
    private static let namesTold = 20

    /// - Parameters:
    ///   - names: the variables of another's job that a rerun has not.
    ///   - owner: whose job it was.
    static func variablesLeftOut(_ names: [String], owner: String) -> String {
        let rest = names.count - namesTold
        let list = names.prefix(namesTold).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
        return
            "the values of \(owner)'s variables are not taken over: \(list); give them by --env if the job needs them"
    }
}
