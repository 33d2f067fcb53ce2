extension Catalogue {
    /// The largest script that a submission may carry, in bytes; the API's body may hold no more.
    package static let maximumCommandSize = 3 << 20

    /// Checks a submission against the catalogue and turns it into a complete job.
    ///
    /// - Parameters:
    ///   - submission: what was asked for; what it leaves open comes from ``defaults``.
    ///   - caller: who asks.
    ///   - groupID: the gid of the group's Unix group, which the job's processes get too.
    ///   - capacity: what the node gives to jobs in all.
    ///   - contentDigest: what the submission's idempotency key stands for.
    /// - Throws: ``PhjobError`` that names the first thing that is wrong.
    package func admit(
        _ submission: JobSubmission, caller: Caller, capacity: ResourceAmount, contentDigest: String = "",
        groupID: (Group) throws(PhjobError) -> UInt32? = { _ in nil }
    ) throws(PhjobError) -> JobSpec {
        let user = caller.user
        let group = try group(for: submission, caller: caller)
        let instanceType = try instanceType(for: submission, group: group, capacity: capacity)
        let image = try image(for: submission, group: group)
        let command = try Self.checkedCommand(submission.command)
        let reference = instanceType.gpuLimit > 0 ? image.urlForGpu ?? image.url : image.url
        return JobSpec(
            displayName: try displayName(for: submission, command: command), user: user, groupName: group.name,
            command: command,
            environment: try Self.checkedEnvironment(submission.environment ?? [:]),
            activeDeadlineSeconds: try deadline(for: submission, group: group),
            instanceType: JobSpec.Instance(
                name: instanceType.name, displayName: instanceType.displayName, cpuLimit: instanceType.cpuLimit,
                memoryLimit: instanceType.memoryLimit, gpuLimit: instanceType.gpuLimit),
            image: JobSpec.Image(
                name: image.name, displayName: image.displayName, reference: reference.text,
                pullPolicy: image.pullPolicy),
            volume: group.volume,
            datasets: datasets(of: group.name).map {
                JobSpec.Dataset(
                    name: $0.name, path: $0.path, writable: $0.writable, mustBeMounted: $0.mustBeMounted ? true : nil)
            },
            settings: JobSpec.Settings(
                network: limits.network, pidsLimit: limits.pidsLimit, stopGraceSeconds: limits.stopGraceSeconds,
                logMaxSize: limits.logMaxSize, logRetentionSeconds: limits.logRetentionSeconds,
                scratchMaxSize: limits.scratchMaxSize, proxy: limits.proxy),
            groupID: try groupID(group),
            idempotency: try Self.checkedIdempotency(submission.idempotencyKey, contentDigest: contentDigest),
            volumeMustBeMounted: group.mustBeMounted ? true : nil, umask: group.effectiveUmask)
    }

    private func group(for submission: JobSubmission, caller: Caller) throws(PhjobError) -> Group {
        let own = groups(of: caller)
        let usual = own.first { $0.name == defaults.group } ?? (own.count == 1 ? own[0] : nil)
        guard let name = submission.groupName ?? usual?.name else {
            throw PhjobError(.invalidRequest, "no group was given", hint: Self.choose("--group", from: own.map(\.name)))
        }
        // Whether a group exists that one is no member of is nobody else's business, so both get one answer.
        guard let group = own.first(where: { $0.name == name }) else {
            throw PhjobError(
                .notFound, "there is no group '\(TerminalText.quoted(name))' that \(caller.user.name) is a member of",
                hint: Self.choose("--group", from: own.map(\.name)))
        }
        return group
    }

    private func instanceType(
        for submission: JobSubmission, group: Group, capacity: ResourceAmount
    ) throws(PhjobError) -> InstanceType {
        let usable = instanceTypes.filter { $0.audience.includes(group: group.name) }
        let hint = Self.choose("--instance-type", from: usable.map(\.name))
        guard let name = submission.instanceType ?? defaults.instanceType else {
            throw PhjobError(.invalidRequest, "no instance type was given", hint: hint)
        }
        guard let type = usable.first(where: { $0.name == name }) else {
            throw PhjobError(
                .notFound, "there is no instance type '\(TerminalText.quoted(name))' for group '\(group.name)'",
                hint: hint)
        }
        guard type.demand.fits(in: capacity) else {
            throw PhjobError(
                .unschedulable,
                "instance type '\(type.name)' can never run here: it needs \(type.demand.shortage(against: capacity)), more than "
                    + "this node gives to jobs", hint: "choose a smaller one; see 'phjob instance-type list'")
        }
        if let words = group.quotas.neverAllow(type.demand, groupName: group.name) {
            throw PhjobError(
                .unschedulable, "instance type '\(type.name)' can never run for \(group.name): it \(words)",
                hint: "choose a smaller one; see 'phjob quota'")
        }
        return type
    }

    private func image(for submission: JobSubmission, group: Group) throws(PhjobError) -> Image {
        let usable = images.filter { $0.audience.includes(group: group.name) }
        let hint = Self.choose("--image", from: usable.map(\.name))
        guard let name = submission.image ?? defaults.image else {
            throw PhjobError(.invalidRequest, "no image was given", hint: hint)
        }
        if let image = usable.first(where: { $0.name == name }) { return image }
        if let reference = try? ImageReference(parsing: name),
            group.allowedImages.contains(where: { $0.allows(reference) })
        {
            return Image(
                name: name, displayName: name, description: nil, url: reference, urlForGpu: nil, pullPolicy: .missing,
                audience: .groups([group.name]))
        }
        let patterns = group.allowedImages.map(\.text).joined(separator: ", ")
        throw PhjobError(
            .notFound, "there is no image '\(TerminalText.quoted(name))' for group '\(group.name)'",
            hint: patterns.isEmpty ? hint : "\(hint); or a reference that fits \(patterns)")
    }

    private func displayName(for submission: JobSubmission, command: String) throws(PhjobError) -> String {
        guard let name = submission.displayName else { return Self.name(from: command) }
        if let problem = Name.problem(inDisplayName: name) {
            throw PhjobError(.invalidRequest, problem, hint: "choose another with --name")
        }
        return name
    }

    private func deadline(for submission: JobSubmission, group: Group) throws(PhjobError) -> Int64? {
        let seconds =
            submission.activeDeadlineSeconds ?? group.jobDefaultActiveDeadlineSeconds
            ?? limits.defaultActiveDeadlineSeconds
        guard seconds >= 0, seconds <= 3_153_600_000 else {
            throw PhjobError(
                .invalidRequest, "activeDeadlineSeconds is \(seconds); it must lie between 1 second and a hundred years"
            )
        }
        guard seconds == 0 else { return seconds }
        guard limits.allowNoDeadline || submission.activeDeadlineSeconds == nil else {
            throw PhjobError(
                .forbidden, "a deadline of 0, which means none, is not allowed here",
                hint: "give one such as --deadline 7d, or ask for limits.allowNoDeadline in the catalogue")
        }
        return nil
    }

    private static func checkedCommand(_ command: String?) throws(PhjobError) -> String {
        let hint = "give it after '--', as a script file, or on standard input"
        guard let command = command.map(ScriptText.withoutByteOrderMark) else {
            throw PhjobError(.invalidRequest, "no command was given", hint: hint)
        }
        guard command.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
            throw PhjobError(.invalidRequest, "the command is empty", hint: hint)
        }
        guard command.utf8.count <= maximumCommandSize else {
            throw PhjobError(
                .limitExceeded, "the command has \(command.utf8.count) bytes; at most \(maximumCommandSize)",
                hint: "put large data on the group's volume and name it in the command")
        }
        guard !command.utf8.contains(0) else {
            throw PhjobError(.invalidRequest, "the command has a NUL byte, which no shell can run")
        }
        if let problem = ScriptText.problem(inInterpreterOf: command) {
            throw PhjobError(.invalidRequest, problem, hint: "convert it with 'dos2unix' or \"sed -i 's/\\r$//'\"")
        }
        return command
    }

    private static func checkedEnvironment(_ environment: [String: String]) throws(PhjobError) -> [String: String] {
        for (name, value) in environment.sorted(by: { $0.key < $1.key }) {
            guard Name.isEnvironmentName(name) else {
                throw PhjobError(
                    .invalidRequest, "'\(TerminalText.quoted(name))' cannot name an environment variable",
                    hint: "use letters, digits and '_', not beginning with a digit")
            }
            guard !reservedVariables.contains(name), !name.hasPrefix("PHJOB_") else {
                throw PhjobError(
                    .invalidRequest, "the variable \(TerminalText.quoted(name)) is set by phjob",
                    hint: "choose another name")
            }
            guard !variablesOfShells.contains(name) else {
                throw PhjobError(
                    .invalidRequest, "the variable \(name) is kept by shells for themselves",
                    hint: "choose another name")
            }
            guard !value.utf8.contains(0) else {
                throw PhjobError(
                    .invalidRequest,
                    "the value of \(TerminalText.quoted(name)) has a NUL byte, which no variable can hold")
            }
            guard name.utf8.count + value.utf8.count + 2 <= maximumVariableSize else {
                throw PhjobError(
                    .limitExceeded,
                    "the variable \(TerminalText.quoted(name)) has \(value.utf8.count) bytes; with its name, at most 128 KiB",
                    hint: "put large data on the group's volume")
            }
        }
        guard environment.reduce(0, { $0 + $1.key.utf8.count + $1.value.utf8.count }) <= 1 << 20 else {
            throw PhjobError(
                .limitExceeded, "the environment has more than 1 MiB", hint: "put large data on the group's volume")
        }
        return environment
    }

    private static func checkedIdempotency(
        _ key: String?, contentDigest: String
    ) throws(PhjobError) -> JobSpec.Idempotency? {
        guard let key else { return nil }
        guard (1...255).contains(key.utf8.count), key.unicodeScalars.allSatisfy(TerminalText.isPlain) else {
            throw PhjobError(.invalidRequest, "an idempotency key must have 1 to 255 bytes and no control characters")
        }
        return JobSpec.Idempotency(key: key, contentDigest: contentDigest)
    }

    /// Variables by which a job could claim to be another user's or group's.
    private static let reservedVariables: Set<String> = ["PRIMEHUB_USER", "PRIMEHUB_GROUP"]

    /// Variables that some shell makes read-only, or expects a number in: setting one ends the launcher.
    private static let variablesOfShells: Set<String> = [
        "UID", "EUID", "PPID", "SHELLOPTS", "BASHOPTS", "BASH_VERSINFO", "OPTIND",
    ]

    /// What the kernel allows for `NAME=value` with its final NUL (execve(2), `MAX_ARG_STRLEN`).
    private static let maximumVariableSize = 128 << 10

    /// A name for a job that was given none: the first word of its first line that is not a comment.
    private static func name(from command: String) -> String {
        // A script may have millions of bytes; only its beginning is searched, and only as much of a line as a path can
        // have.
        let isBreak = { (byte: UInt8) in byte == 0x0a || byte == 0x0d }
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0d).contains(byte) }
        var rest = command.utf8.prefix(64 << 10)
        var line = ""
        while line.isEmpty, !rest.isEmpty {
            let next = rest.prefix { !isBreak($0) }.drop(while: isSpace)
            if next.first != UInt8(ascii: "#") { line = String(decoding: next.prefix(4096), as: UTF8.self) }
            rest = rest.drop { !isBreak($0) }.dropFirst()
        }
        let word = line.split(whereSeparator: \.isWhitespace).first ?? "job"
        let base = word.split(separator: "/").last ?? "job"
        let plain = String(
            String.UnicodeScalarView(base.unicodeScalars.filter { TerminalText.isPlain($0) && $0 != "\\" }.prefix(60)))
        return Name.problem(inDisplayName: plain) == nil ? plain : "job"
    }

    private static func choose(_ option: String, from names: [String]) -> String {
        names.isEmpty ? "the catalogue has none for you" : "choose one with \(option): \(names.joined(separator: ", "))"
    }
}
