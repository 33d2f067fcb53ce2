import PhjobCore
import PhjobEngine

/// What a person should know of this machine before a job's hours are spent on it.
enum SubmissionWarnings {
    /// - Parameters:
    ///   - engine: nil while it is still looked for.
    ///   - drain: that no job is started.
    ///   - lingers: whether what the runner's user leaves running outlives the log-out; nil where nobody ends it.
    static func texts(engine: EngineFacts?, lingers: Bool?, drain: Drain? = nil) -> [String] {
        var texts: [String] = []
        if let drain { texts.append(drain.message) }
        // Docker's containers are its daemon's. Before the engine is known it had better be said in vain than not at all.
        if lingers == false, engine?.name != .docker {
            texts.append("systemd ends your jobs when you log out; run 'loginctl enable-linger'")
        }
        if let engine, !engine.unenforcedLimits.isEmpty {
            let limits = engine.unenforcedLimits.joined(separator: ", ")
            texts.append("\(engine.name) does not enforce these limits here: \(limits); 'phjob doctor' says more")
        }
        return texts
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
