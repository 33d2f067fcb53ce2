package import PhjobCore

/// The script that a job's container begins with: it sets the environment and becomes the job's command.
///
/// Values reach the job by this file, which only its user may read, and never by an argument list or the engine's environment.
package struct LauncherScript: Sendable, Equatable {
    package var environment: [(name: String, value: String)]
    /// Whether the command says itself, by `#!`, what runs it.
    package var commandHasInterpreter: Bool

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
        environment += spec.environment.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        environment += [
            ("PRIMEHUB_USER", spec.user.name), ("PRIMEHUB_GROUP", spec.groupName), ("PHJOB_ID", job.id.text),
            ("PHJOB_NAME", spec.displayName), ("PHJOB_GROUP", spec.groupName),
            ("PHJOB_INSTANCE_TYPE", spec.instanceType.name),
            ("PHJOB_IMAGE", spec.image.name), ("PHJOB_CPU_LIMIT", "\(spec.instanceType.cpuLimit)"),
            ("PHJOB_MEMORY_LIMIT", "\(spec.instanceType.memoryLimit.bytes)"),
            ("PHJOB_GPU_COUNT", "\(spec.instanceType.gpuLimit)"),
        ]
        commandHasInterpreter = spec.command.hasPrefix("#!")
    }

    package var text: String {
        var lines = ["#!/bin/sh"]
        lines += environment.map { "export \($0.name)=\(Self.quoted($0.value))" }
        let command = ContainerRequest.Place.command
        if commandHasInterpreter {
            lines.append("exec \(command)")
        } else {
            lines.append("[ -x /bin/bash ] && exec /bin/bash \(command)")
            lines.append("exec /bin/sh \(command)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `value` as one word of sh, whatever bytes it holds (POSIX, section 2.2.2).
    ///
    /// By scalars: a quote with a combining character after it is another character, yet still a quote to the shell.
    private static func quoted(_ value: String) -> String {
        let parts = value.unicodeScalars.split(separator: "'", omittingEmptySubsequences: false)
        return "'" + parts.map { String($0) }.joined(separator: "'\\''") + "'"
    }
}
