import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

/// A stand-in before the real podman on `PATH`, whose first launch is ended by SIGKILL at an exact place.
struct KilledLaunch {
    /// Where the client dies: at what it asks of the runtime, before or after that has been done.
    enum Place: String, CaseIterable {
        case beforeCreate, afterCreate, afterStart
    }

    /// Writes the stand-in; the fixture's environment has its directory first on `PATH`.
    init(_ phjob: LivePhjob, _ place: Place) throws {
        let path = LiveEngine.environment["PATH"] ?? "/usr/bin:/bin"
        let real = try #require(ExecutableLookup.find(LiveEngine.podman.rawValue, path: path))
        let format = try LiveEngine.podman.call("info", "--format={{.Host.OCIRuntime.Path}}")
        let runtime = try #require(format.lines.first)
        let here = phjob.directory.path
        let client = """
            #!/bin/sh
            if [ "$1" != run ]; then exec '\(real)' "$@"; fi
            echo $$ >'\(here)/client'
            exec '\(real)' --runtime='\(here)/bin/runtime' "$@"
            """
        let wrapper = """
            #!/bin/sh
            for word; do case $word in create | start | delete | kill | state) verb=$word ;; esac; done
            end() { if mv '\(here)/place' '\(here)/place.used'; then kill -9 "$(cat '\(here)/client')"; fi; } 2>/dev/null
            place=$(cat '\(here)/place' 2>/dev/null)
            if [ "$place $verb" = 'beforeCreate create' ]; then end; fi
            '\(runtime)' "$@"
            status=$?
            case "$place $verb" in 'afterCreate create' | 'afterStart start') end ;; esac
            exit $status
            """
        try Directory.create(phjob.directory("bin"))
        try phjob.directory.write("\(place.rawValue)\n", to: "place")
        try phjob.directory.write(client, to: "bin/podman", mode: 0o755)
        try phjob.directory.write(wrapper, to: "bin/runtime", mode: 0o755)
    }
}
