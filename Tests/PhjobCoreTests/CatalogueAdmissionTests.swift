import Testing

@testable import PhjobCore

struct CatalogueAdmissionTests {
    private static let capacity = ResourceAmount(
        cpu: CPUAmount(milli: 8000), memory: MemorySize(bytes: 32 << 30), gpus: 2)
    private static let grace = JobSpec.User(name: "grace", uid: 1001, gid: 100)

    /// Every job of this suite is submitted through here.
    private func admit(
        _ change: (inout JobSubmission) -> Void = { _ in }, user: JobSpec.User = Sample.user,
        unixGroups: Set<String> = [], capacity: ResourceAmount = capacity,
        catalogue change2: (inout Catalogue) -> Void = { _ in }
    ) throws -> JobSpec {
        var catalogue = try CatalogueReaderTests.catalogue()
        change2(&catalogue)
        var submission = JobSubmission(command: "python3 train.py")
        change(&submission)
        return try catalogue.admit(
            submission, caller: Caller(user: user, unixGroups: unixGroups), capacity: capacity, contentDigest: "d1",
            groupID: { $0.unixGroup == nil ? nil : 7000 })
    }

    private func refusal(
        _ change: (inout JobSubmission) -> Void, user: JobSpec.User = Sample.user,
        capacity: ResourceAmount = capacity, catalogue: (inout Catalogue) -> Void = { _ in },
        location: SourceLocation = #_sourceLocation
    ) -> PhjobError? {
        #expect(throws: PhjobError.self, sourceLocation: location) {
            try admit(change, user: user, capacity: capacity, catalogue: catalogue)
        }
    }

    /// Whatever a user writes, the message that quotes it stays short: it is answered, logged and audited.
    @Test(arguments: ["\u{202e}", "a\u{301}", "\u{1b}"]) func messagesQuoteAShortBeginning(_ text: String) {
        let long = String(repeating: text, count: 100_000)
        let name = String(repeating: "A", count: 200_000)
        let refusals = [
            refusal { $0.groupName = long }, refusal { $0.instanceType = long }, refusal { $0.image = long },
            refusal { $0.displayName = long }, refusal { $0.environment = [long: "x"] },
            refusal { $0.environment = [name: "x"] }, refusal { $0.environment = ["PHJOB_" + name: "x"] },
            refusal { $0.idempotencyKey = long },
        ]
        for error in refusals { #expect((1..<2000).contains(error?.description.utf8.count ?? 0), "\(error as Any)") }
    }

    @Test func defaultsFillWhatIsLeftOpen() throws {
        let spec = try admit()
        #expect(
            spec
                == JobSpec(
                    displayName: "python3", user: Sample.user, groupName: "research", command: "python3 train.py",
                    environment: [:], activeDeadlineSeconds: 7200,
                    instanceType: JobSpec.Instance(
                        name: "cpu-1", displayName: "cpu-1", cpuLimit: CPUAmount(milli: 1000),
                        memoryLimit: MemorySize(bytes: 2 << 30), gpuLimit: 0),
                    image: JobSpec.Image(
                        name: "base", displayName: "base", reference: "localhost/phjob/base:latest",
                        pullPolicy: .missing),
                    volume: "/srv/research",
                    datasets: [
                        JobSpec.Dataset(name: "mnist", path: "/srv/mnist", writable: true),
                        JobSpec.Dataset(name: "secret", path: "/srv/secret", writable: false),
                    ],
                    settings: JobSpec.Settings(
                        network: "none", pidsLimit: 512, stopGraceSeconds: 5, logMaxSize: MemorySize(bytes: 100 << 20),
                        logRetentionSeconds: 60),
                    umask: .shared))
    }

    @Test func mountsThatMustBeThere() throws {
        let spec = try admit { _ in
        } catalogue: { catalogue in
            for index in catalogue.groups.indices { catalogue.groups[index].mustBeMounted = true }
            for index in catalogue.datasets.indices { catalogue.datasets[index].mustBeMounted = true }
        }
        #expect(spec.volumeMustBeMounted == true && spec.datasets.allSatisfy { $0.mustBeMounted == true })
        #expect(try admit().volumeMustBeMounted == nil)
    }

    @Test func theSubmissionBeatsTheDefaults() throws {
        let spec = try admit(
            {
                $0.displayName = "My job"
                $0.groupName = "teaching"
                $0.image = "torch"
                $0.activeDeadlineSeconds = 60
                $0.environment = ["A": "1"]
                $0.idempotencyKey = "ci-1"
            }, user: Self.grace)
        #expect(spec.displayName == "My job" && spec.groupName == "teaching" && spec.volume == nil)
        #expect(spec.image.reference == "registry.lab/torch:cpu" && spec.image.pullPolicy == .always)
        #expect(spec.activeDeadlineSeconds == 60 && spec.environment == ["A": "1"])
        #expect(spec.datasets.map(\.name) == ["mnist"])
        #expect(spec.idempotency == JobSpec.Idempotency(key: "ci-1", contentDigest: "d1"))
    }

    @Test func aGPUChoosesTheImageForGPUs() throws {
        func reference(_ image: String) throws -> String {
            try admit {
                $0.instanceType = "gpu-1"
                $0.image = image
            }.image.reference
        }
        #expect(try reference("torch") == "registry.lab/torch:gpu")
        #expect(try reference("base") == "localhost/phjob/base:latest")
    }

    @Test func deadlines() throws {
        func deadline(_ own: Int64?, group: Int64?, limit: Int64 = 3600, allowed: Bool = true) throws -> Int64? {
            try admit({ $0.activeDeadlineSeconds = own }) {
                $0.groups[0].jobDefaultActiveDeadlineSeconds = group
                $0.limits.defaultActiveDeadlineSeconds = limit
                $0.limits.allowNoDeadline = allowed
            }.activeDeadlineSeconds
        }
        #expect(try deadline(nil, group: nil) == 3600)
        #expect(try deadline(nil, group: 100) == 100)
        #expect(try deadline(5, group: 100) == 5)
        #expect(try deadline(0, group: 100) == nil)
        #expect(try deadline(nil, group: 0, allowed: false) == nil)
        #expect(try deadline(3_153_600_000, group: nil) == 3_153_600_000)
        let error = #expect(throws: PhjobError.self) { try deadline(0, group: nil, allowed: false) }
        #expect(error?.code == .forbidden && error?.hint?.contains("--deadline 7d") == true)
    }

    @Test(arguments: [-1, 3_153_600_001, .max, .min] as [Int64])
    func impossibleDeadlines(_ seconds: Int64) {
        let error = refusal({ $0.activeDeadlineSeconds = seconds })
        #expect(error?.code == .invalidRequest && error?.message.contains("\(seconds)") == true)
    }

    /// Whether a group exists is nobody's business but its members'.
    @Test func anOutsiderLearnsNothingOfAGroup() {
        let existing = refusal({ $0.groupName = "teaching" })
        let missing = refusal({ $0.groupName = "nowhere" })
        #expect(
            existing?.code == .notFound && existing?.message == "there is no group 'teaching' that ada is a member of")
        #expect(missing?.code == .notFound && missing?.message == "there is no group 'nowhere' that ada is a member of")
        #expect(existing?.hint == missing?.hint && existing?.hint == "choose one with --group: research")
    }

    @Test func groupsThatNobodyNamed() throws {
        let mallory = JobSpec.User(name: "mallory", uid: 1, gid: 1)
        let error = refusal({ _ in }, user: mallory)
        #expect(
            error?.code == .invalidRequest && error?.description == "no group was given; the catalogue has none for you"
        )
        // The default is for its members only; who has one group needs no default.
        #expect(try admit(catalogue: { $0.defaults.group = "teaching" }).groupName == "research")
        #expect(try admit(catalogue: { $0.defaults.group = nil }).groupName == "research")
        #expect(try admit(user: Self.grace, catalogue: { $0.defaults.group = "teaching" }).groupName == "teaching")
        let open = refusal({ _ in }, user: Self.grace, catalogue: { $0.defaults.group = nil })
        #expect(open?.description == "no group was given; choose one with --group: research, teaching")
    }

    @Test func instanceTypes() {
        let unknown = refusal({ $0.instanceType = "huge" })
        #expect(unknown?.code == .notFound && unknown?.hint == "choose one with --instance-type: cpu-1, gpu-1")
        let foreign = refusal(
            {
                $0.groupName = "teaching"
                $0.instanceType = "gpu-1"
            }, user: Self.grace)
        #expect(foreign?.message == "there is no instance type 'gpu-1' for group 'teaching'")
        #expect(foreign?.hint == "choose one with --instance-type: cpu-1")
        #expect(
            refusal({ _ in }, catalogue: { $0.defaults.instanceType = nil })?.message == "no instance type was given")
        let small = ResourceAmount(cpu: CPUAmount(milli: 2000), memory: MemorySize(bytes: 32 << 30), gpus: 0)
        let tooLarge = refusal({ $0.instanceType = "gpu-1" }, capacity: small)
        #expect(tooLarge?.code == .unschedulable)
        #expect(tooLarge?.message.contains("needs 1 GPU and 2.5 CPUs, more than this node gives to jobs") == true)
    }

    @Test func images() {
        let unknown = refusal({ $0.image = "\u{1b}[2J" })
        #expect(unknown?.code == .notFound)
        #expect(unknown?.message == "there is no image '\\x1b[2J' for group 'research'")
        #expect(unknown?.hint == "choose one with --image: base, torch")
        #expect(refusal({ _ in }, catalogue: { $0.defaults.image = nil })?.message == "no image was given")
        let foreign = refusal({ $0.image = "torch" }, catalogue: { $0.images[1].audience = .groups(["teaching"]) })
        #expect(foreign?.message == "there is no image 'torch' for group 'research'")
    }

    @Test(arguments: [
        (nil, PhjobError.Code.invalidRequest, "no command was given"), ("", .invalidRequest, "the command is empty"),
        (" \n\t ", .invalidRequest, "the command is empty"), ("echo \0", .invalidRequest, "NUL byte"),
    ])
    func commands(_ command: String?, code: PhjobError.Code, words: String) {
        let error = refusal({ $0.command = command })
        #expect(error?.code == code && error?.message.contains(words) == true)
    }

    @Test func largeCommands() throws {
        let largest = String(repeating: "#", count: Catalogue.maximumCommandSize)
        #expect(try admit({ $0.command = largest }).command == largest)
        let error = refusal({ $0.command = String(repeating: "x", count: 10 << 20) })
        #expect(error?.code == .limitExceeded)
        #expect(error?.message == "the command has 10485760 bytes; at most 3145728")
    }

    @Test(arguments: [
        ("python3 train.py --epochs 3", "python3"), ("#!/bin/bash\n# comment\n\n  /opt/bin/run-it x\n", "run-it"),
        ("# only a comment", "job"), ("\n\n./a.sh", "a.sh"), ("/", "job"), ("a\\b", "ab"), ("\u{1b}[2J", "[2J"),
        (String(repeating: "x", count: 100), String(repeating: "x", count: 60)),
    ])
    func namesFromCommands(_ command: String, name: String) throws {
        #expect(try admit({ $0.command = command }).displayName == name)
    }

    @Test(arguments: ["", " ", "a\u{1b}b", String(repeating: "x", count: 201)])
    func badNames(_ name: String) {
        let error = refusal({ $0.displayName = name })
        #expect(error?.code == .invalidRequest && error?.hint == "choose another with --name")
    }

    @Test(arguments: [
        ("A-B", "1", PhjobError.Code.invalidRequest, "'A-B' cannot name an environment variable"),
        ("", "1", .invalidRequest, "'' cannot name"), ("1A", "1", .invalidRequest, "cannot name"),
        ("*", "1", .invalidRequest, "cannot name"), ("A\u{1b}", "1", .invalidRequest, "'A\\x1b' cannot name"),
        ("PRIMEHUB_USER", "root", .invalidRequest, "is set by phjob"),
        ("PRIMEHUB_GROUP", "x", .invalidRequest, "is set by phjob"),
        ("PHJOB_ID", "x", .invalidRequest, "is set by phjob"),
        ("PHJOB_", "x", .invalidRequest, "is set by phjob"), ("A", "x\0y", .invalidRequest, "NUL byte"),
        ("UID", "0", .invalidRequest, "kept by shells"), ("OPTIND", "x", .invalidRequest, "kept by shells"),
        ("A", String(repeating: "x", count: 131_070), .limitExceeded, "at most 128 KiB"),
    ])
    func badVariables(_ name: String, value: String, code: PhjobError.Code, words: String) {
        let error = refusal({ $0.environment = [name: value] })
        #expect(error?.code == code && error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test func largeEnvironments() throws {
        let largest = String(repeating: "x", count: 131_069)
        #expect(try admit({ $0.environment = ["A": largest] }).environment == ["A": largest])
        let many = Dictionary(uniqueKeysWithValues: (0..<9).map { ("A\($0)", largest.dropLast().description) })
        #expect(refusal({ $0.environment = many })?.code == .limitExceeded)
    }

    @Test(arguments: ["", "a\nb", "\u{1b}", String(repeating: "x", count: 256)])
    func badIdempotencyKeys(_ key: String) {
        #expect(refusal({ $0.idempotencyKey = key })?.code == .invalidRequest)
    }

    @Test func submissionsOverrideEachOther() {
        let base = JobSubmission(
            displayName: "a", groupName: "g", instanceType: "t", image: "i", command: "c", activeDeadlineSeconds: 1,
            environment: ["A": "1", "B": "1"], idempotencyKey: "k")
        #expect(base.overridden(by: JobSubmission()) == base)
        #expect(JobSubmission().overridden(by: base) == base)
        let other = JobSubmission(displayName: "b", activeDeadlineSeconds: 0, environment: ["B": "2", "C": "2"])
        let both = base.overridden(by: other)
        #expect(both.displayName == "b" && both.groupName == "g" && both.activeDeadlineSeconds == 0)
        #expect(both.environment == ["A": "1", "B": "2", "C": "2"])
    }
}
