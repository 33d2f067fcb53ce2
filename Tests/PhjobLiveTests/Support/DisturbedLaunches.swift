import Glibc
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// A stand-in before the real podman on `PATH`, whose first launches get a signal, each at another place.
struct DisturbedLaunches {
    /// Where the client gets it: at what it asks of the runtime, before or after that has been done.
    enum Place: String, CaseIterable {
        case beforeCreate, afterCreate, afterStart
    }

    private let phjob: LivePhjob

    /// Writes the stand-in; the fixture's environment has its directory first on `PATH`.
    init(_ phjob: LivePhjob, _ signal: Int32, at places: [Place] = Place.allCases) throws {
        self.phjob = phjob
        let path = LiveEngine.environment["PATH"] ?? "/usr/bin:/bin"
        let real = try #require(ExecutableLookup.find(LiveEngine.podman.rawValue, path: path))
        let runtime = try #require(LiveEngine.podman.call("info", "--format={{.Host.OCIRuntime.Path}}").lines.first)
        let places = places.map(\.rawValue).joined(separator: " ")
        let client = """
            #!/bin/sh
            cd '\(phjob.directory.path)'
            if [ "$1" != run ]; then exec '\(real)' "$@"; fi
            for word; do case $word in --name=*) name=${word#--name=} ;; esac; done
            for place in \(places); do
                if mkdir "taken.$place" 2>/dev/null; then echo "$place $$" >"place.$name"; break; fi
            done
            exec '\(real)' --runtime="$PWD/bin/runtime" "$@"
            """
        // The monitor starts it to create a container, the client to start one.
        let wrapper = """
            #!/bin/sh
            here='\(phjob.directory.path)'
            for word; do case $word in create | start | delete | kill | state) verb=$word ;; esac; done
            name=$(tr '\\0' '\\n' <"/proc/$PPID/cmdline" | sed -n 's/^--name=//p; /^-n$/{n;p}')
            read -r place client 2>/dev/null <"$here/place.$name" || place=none
            if [ "$place $verb" = 'beforeCreate create' ]; then kill -\(signal) "$client"; fi
            '\(runtime)' "$@"
            status=$?
            case "$place $verb" in 'afterCreate create' | 'afterStart start') kill -\(signal) "$client" ;; esac
            exit $status
            """
        try Directory.create(phjob.directory("bin"))
        try phjob.directory.write(client, to: "bin/podman", mode: 0o755)
        try phjob.directory.write(wrapper, to: "bin/runtime", mode: 0o755)
    }

    /// Where the client of a job's launch gets the signal.
    ///
    /// - Throws: if that is not written down yet; no failure of the test by that.
    func place(of id: JobID) throws -> Place {
        let word = try phjob.directory.text("place.phjob-\(id)").prefix { $0 != " " }
        guard let place = Place(rawValue: String(word)) else { throw Failure(description: "'\(word)' is no place") }
        return place
    }

    /// Lets a client that was stopped go on.
    func proceed(with id: JobID) throws {
        let words = try phjob.directory.text("place.phjob-\(id)").split(whereSeparator: \.isWhitespace)
        kill(try #require(words.last.flatMap { pid_t($0) }), SIGCONT)
    }
}
