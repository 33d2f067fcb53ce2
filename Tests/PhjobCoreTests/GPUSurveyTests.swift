import Testing

@testable import PhjobCore

struct GPUSurveyTests {
    private static let devices = ["a", "b", "c"].enumerated().map { index, letter in
        GPUReading.Device(
            gpu: GPU(index: index, uuid: "GPU-\(letter)"), name: "T4", memory: MemorySize(bytes: 16 << 30))
    }

    private static func identity(_ pid: Int32) -> ContainerIdentity.ProcessIdentity {
        .init(pid: pid, startTicks: UInt64(pid) * 10)
    }

    private static func process(
        _ pid: Int32, on uuid: String, _ name: String? = "python3", isRoots: Bool = true, user: String? = "ana",
        from parents: [Int32] = [1]
    ) -> GPUProcess {
        GPUProcess(
            .init(uuid: uuid, pid: pid), program: name.map { .init(name: $0, isRoots: isRoots) }, userName: user,
            lineage: ([pid] + parents).map(identity))
    }

    private func survey(
        _ processes: [GPUProcess], limit: Int? = nil, ignoring names: Set<String> = [], ours: [Int32] = [],
        unclear: [GPU] = []
    ) -> GPUSurvey {
        GPUSurvey(
            GPUReading(devices: Self.devices, processes: []), processes: processes, limit: limit, ignoredNames: names,
            ours: Set(ours.map(Self.identity)), unclear: unclear)
    }

    private func busy(_ survey: GPUSurvey) -> [Int] {
        survey.devices.filter { !$0.outsiders.isEmpty }.map(\.gpu.index)
    }

    @Test func nobody() {
        let survey = survey([])
        #expect(survey.usable.map(\.index) == [0, 1, 2])
        #expect(survey.usable.map(\.uuid) == ["GPU-a", "GPU-b", "GPU-c"])
        #expect(survey.obstacle(besides: []) == nil && survey.problem == nil)
    }

    @Test func anOutsiderMakesItsGPUUnavailable() {
        let survey = survey([Self.process(4242, on: "GPU-b")])
        #expect(survey.usable.map(\.index) == [0, 2])
        #expect(
            survey.devices[1].outsiders == [.init(pid: 4242, userName: "ana", processName: "python3")])
        #expect(survey.obstacle(besides: []) == "1 busy outside phjob (pid 4242, ana)")
    }

    @Test func whatDescendsFromAJobIsOurs() {
        #expect(busy(survey([Self.process(70, on: "GPU-a", from: [60, 50, 1])], ours: [50])) == [])
        #expect(busy(survey([Self.process(50, on: "GPU-a")], ours: [50])) == [])
        // The parent of a job's first process is the engine's, and whatever else it starts is no job.
        #expect(busy(survey([Self.process(71, on: "GPU-a", from: [40, 1])], ours: [50])) == [0])
    }

    /// A job's first process has ended, and another has its number.
    @Test func aNumberThatIsUsedAgainIsNotOurs() {
        let later = GPUProcess(
            .init(uuid: "GPU-a", pid: 50), program: .init(name: "python3", isRoots: true), userName: "ben",
            lineage: [.init(pid: 50, startTicks: 501), Self.identity(1)])
        #expect(busy(survey([later], ours: [50])) == [0])
    }

    @Test func ignoredPrograms() {
        let desktop = Self.process(9, on: "GPU-a", "Xorg", user: "root")
        let other = Self.process(10, on: "GPU-b", "Xorg-like", user: "root")
        #expect(busy(survey([desktop, other], ignoring: ["Xorg", "dcgm-exporter"])) == [1])
    }

    /// Anybody can give a program of theirs the name of one that is ignored.
    @Test func ignoredProgramsAreRoots() {
        let other = Self.process(9, on: "GPU-a", "Xorg", isRoots: false)
        let hidden = Self.process(10, on: "GPU-b", nil)
        let survey = survey([other, hidden], ignoring: ["Xorg", "unknown program"])
        #expect(busy(survey) == [0, 1])
        #expect(survey.devices[1].outsiders.map(\.processName) == ["unknown program"])
    }

    /// While a job is launched its container's processes may be on its GPU already, and nothing tells whose they are.
    @Test func aGPUOfAJobThatIsBeingLaunched() {
        let process = Self.process(70, on: "GPU-b")
        #expect(busy(survey([process], unclear: [GPU(index: 5, uuid: "GPU-b")])) == [])
        #expect(busy(survey([process], unclear: [GPU(index: 1)])) == [])
        #expect(busy(survey([process], unclear: [GPU(index: 1, uuid: "GPU-a")])) == [1])
    }

    @Test func theCatalogueGivesOnlySome() {
        let survey = survey([Self.process(7, on: "GPU-c")], limit: 2)
        #expect(survey.devices.map(\.gpu.index) == [0, 1])
        #expect(survey.obstacle(besides: []) == nil)
    }

    @Test func whoIsOnAGPUThatAJobHoldsIsNoObstacle() {
        let survey = survey([Self.process(7, on: "GPU-a"), Self.process(8, on: "GPU-b")])
        #expect(survey.obstacle(besides: [GPU(index: 9, uuid: "GPU-a")]) == "1 busy outside phjob (pid 8, ana)")
        #expect(survey.obstacle(besides: Self.devices.map(\.gpu)) == nil)
    }

    @Test func manyOutsiders() {
        let same = [
            Self.process(7, on: "GPU-a"), Self.process(7, on: "GPU-b"), Self.process(8, on: "GPU-b", user: nil),
        ]
        #expect(
            survey(same).obstacle(besides: []) == "2 busy outside phjob (pid 7, ana; pid 8, unknown user)")
        let many = (1...5).map { Self.process($0, on: "GPU-a") }
        #expect(
            survey(many).obstacle(besides: [])
                == "1 busy outside phjob (pid 1, ana; pid 2, ana; pid 3, ana; and 2 more)")
    }

    @Test func aFailureHidesEverything() {
        let failed = survey([Self.process(7, on: "GPU-a")]).failing(because: "nvidia-smi hangs")
        #expect(failed.usable.isEmpty && failed.devices.count == 3 && busy(failed) == [])
        #expect(failed.obstacle(besides: []) == "nvidia-smi hangs")
        #expect(failed.device(of: GPU(index: 7, uuid: "GPU-c"))?.gpu.index == 2)
    }
}
