import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

/// A stand-in before the real engine's client on `PATH`, which holds one kind of call until it is released.
///
/// So a test can end the runner exactly there. Everything has to go by such calls: docker's own files are said to lie where
/// nothing is, as for a person who may use the daemon and not read them.
final class BlockingEngine: Sendable {
    private let phjob: LivePhjob

    /// Where a call is held. Words are the client's verbs.
    enum Place: String {
        case imageInspect = "image-inspect"
        case run = "run"
        /// After the client has done its work and said so, before it ends.
        case afterRun = "run-after"
        case stop = "stop"
        case containerInspect = "container-inspect"
        case logs = "logs"
        case remove = "rm"
    }

    /// Writes the stand-in; the fixture's environment has its directory first on `PATH`.
    init(_ phjob: LivePhjob) throws {
        self.phjob = phjob
        let path = LiveEngine.environment["PATH"] ?? "/usr/bin:/bin"
        let real = try #require(ExecutableLookup.find(phjob.engine.rawValue, path: path))
        let script = """
            #!/bin/sh
            here='\(phjob.directory.path)'
            place=$1
            case $1 in image | container) place=$1-$2 ;; esac
            hold() { : >"$here/held"; while [ ! -e "$here/released" ]; do sleep 0.02; done; }
            if [ "$1" = info ]; then '\(real)' "$@" | sed 's#"DockerRootDir":"#&/hidden#'; exit; fi
            read -r wanted <"$here/hold"
            if [ "$wanted" = "$place" ]; then hold; fi
            if [ "$wanted" != "$place-after" ]; then exec '\(real)' "$@"; fi
            '\(real)' "$@"
            status=$?
            hold
            exit $status
            """
        try Directory.create(phjob.directory("bin"))
        try phjob.directory.write("\n", to: "hold")
        try phjob.directory.write(script, to: "bin/\(phjob.engine.rawValue)", mode: 0o755)
    }

    /// From now on calls at `place` are held; at none if nil. Calls that are held stay so.
    func hold(_ place: Place?) throws {
        try phjob.directory.write("\(place?.rawValue ?? "")\n", to: "hold.new")
        try #require(rename(phjob.directory("hold.new"), phjob.directory("hold")) == 0)
    }

    func waitUntilHeld() throws {
        try blockUntil("a call is held") { phjob.directory.status("held") != nil }
    }

    func release() throws {
        try hold(nil)
        try phjob.directory.write("", to: "released")
    }
}
