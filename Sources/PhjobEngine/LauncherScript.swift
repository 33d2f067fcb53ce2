package import PhjobCore

/// The script that a job's container begins with: it sets the environment and becomes the job's command.
///
/// Values reach the job by this file, which only its user may read, and never by an argument list or the engine's
/// environment.
package struct LauncherScript: Sendable, Equatable {
    package var environment: [(name: String, value: String)]
    /// What runs the command, if its first line names it.
    package var interpreter: ScriptInterpreter?
    /// `nil` leaves it as the engine sets it.
    package var umask: FileModeMask?

    package static func == (left: LauncherScript, right: LauncherScript) -> Bool { left.text == right.text }

    /// - Parameter timeZone: the host's, as an identifier such as `Europe/Berlin`.
    package init(for job: Job, timeZone: String) {
        let spec = job.spec
        let threads = max(1, spec.instanceType.cpuLimit.milli / 1000)
        environment = [
            ("HOME", ContainerRequest.Place.home), ("USER", spec.user.name), ("LOGNAME", spec.user.name),
            ("TZ", timeZone),
            ("OMP_NUM_THREADS", "\(threads)"),
        ]
        environment += spec.settings.proxy?.environment ?? []
        environment += spec.environment.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        environment += [
            ("PRIMEHUB_USER", spec.user.name), ("PRIMEHUB_GROUP", spec.groupName), ("PHJOB_ID", job.id.text),
            ("PHJOB_NAME", spec.displayName), ("PHJOB_GROUP", spec.groupName),
            ("PHJOB_INSTANCE_TYPE", spec.instanceType.name),
            ("PHJOB_IMAGE", spec.image.name), ("PHJOB_CPU_LIMIT", "\(spec.instanceType.cpuLimit)"),
            ("PHJOB_MEMORY_LIMIT", "\(spec.instanceType.memoryLimit.bytes)"),
            ("PHJOB_GPU_COUNT", "\(spec.instanceType.gpuLimit)"),
        ]
        umask = spec.umask
        interpreter = ScriptInterpreter(of: spec.command)
    }

    package var text: String {
        let place = ContainerRequest.Place.self
        // Proxies are the catalogue's or the job's own, never the image's: docker's client cannot tell those from its
        // own.
        var lines = ["#!/bin/sh", "unset \(ProxySettings.variables.joined(separator: " "))"]
        if let umask { lines.append("umask \(umask)") }
        lines += environment.map { "export \($0.name)=\(Self.quoted($0.value))" }
        lines.append("begin() { : >\(place.mark) || exit 125; exec \"$@\"; }")
        if let interpreter {
            lines += check(interpreter)
            lines.append("begin \(interpreter.words.map(Self.quoted).joined(separator: " ")) \(place.command)")
        } else {
            // Each is tried before the mark is left. Without BASH_ENV, which names a script that bash would run first.
            lines += Self.bashes.map { "BASH_ENV= \($0) -c : 2>/dev/null && begin \($0) \(place.command)" }
            lines.append("begin /bin/sh \(place.command)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Where images have bash, in the order in which they are tried.
    private static let bashes = ["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"]

    /// Lines that end the container with an explanation if the image lacks what the command's first line names.
    private func check(_ interpreter: ScriptInterpreter) -> [String] {
        func line(_ condition: String, _ program: String) -> String {
            let message =
                "phjob: the script's first line names \(TerminalText.escaped(program)), which the image has not"
            return "\(condition) || { printf '%s\\n' \(Self.quoted(message)) >&2; exit 127; }"
        }
        let path = Self.quoted(interpreter.path)
        var lines = [line("[ -f \(path) ] && [ -x \(path) ]", interpreter.path)]
        if let program = interpreter.programOfEnv {
            lines.append(line("command -v \(Self.quoted(program)) >/dev/null", program))
        }
        return lines
    }

    /// `value` as one word of sh, whatever bytes it holds (POSIX, section 2.2.2).
    ///
    /// By scalars: a quote with a combining character after it is another character, yet still a quote to the shell.
    private static func quoted(_ value: String) -> String {
        let parts = value.unicodeScalars.split(separator: "'", omittingEmptySubsequences: false)
        return "'" + parts.map { String($0) }.joined(separator: "'\\''") + "'"
    }
}
