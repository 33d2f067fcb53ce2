import PhjobAPI
import PhjobCore
import PhjobHTTP
import Testing

@testable import phjob

struct GPUListCommandTests {
    private static let gpus = ["a", "b", "c", "d"].enumerated().map { index, letter in
        GPUSurvey.Device(
            gpu: GPU(index: index, uuid: "GPU-\(letter)"), name: "Tesla T4", memory: MemorySize(bytes: 15 << 30),
            outsiders: letter == "d" ? [.init(pid: 4242, userName: "ana", processName: "py\u{1b}thon3")] : [])
    }

    private static let list = GPUList(items: [
        .init(gpus[0], state: .free), .init(gpus[1], state: .inUse, job: SampleView.waiting.id, userName: "alice"),
        .init(gpus[2], state: .inUse), .init(gpus[3], state: .busyOutside),
    ])

    private func world(_ list: GPUList) throws -> TestWorld {
        let world = try TestWorld()
        world.api = try FakeAPI { exchange in
            exchange.summary == "GET gpus" ? try JSONBody.response(.ok, list) : nil
        }
        return world
    }

    @Test func table() throws {
        let world = try world(Self.list)
        #expect(try world.run("gpu list") == 0)
        #expect(
            world.output.text == """
                INDEX  UUID   NAME      MEMORY  STATE
                0      GPU-a  Tesla T4  15G     free
                1      GPU-b  Tesla T4  15G     job-202611210727-000000 (alice)
                2      GPU-c  Tesla T4  15G     in use
                3      GPU-d  Tesla T4  15G     busy outside phjob: pid 4242 (ana, py\\x1bthon3)

                """)
        #expect(world.errors.text == "")
    }

    @Test func namesAndJSON() throws {
        let world = try world(Self.list)
        #expect(try world.run("gpu list -q") == 0)
        #expect(world.output.text == "GPU-a\nGPU-b\nGPU-c\nGPU-d\n")
        let other = try self.world(Self.list)
        #expect(try other.run("gpu ls --json") == 0)
        #expect(try JSONBody.decode([GPUList.Item].self, from: other.output.bytes) == Self.list.items)
    }

    @Test func aProblemIsTold() throws {
        let unknown = GPUList(
            items: [.init(GPUSurvey.Device(gpu: GPU(index: 0)), state: .unknown)],
            problem: "nvidia-smi did not answer within 15 s")
        let world = try world(unknown)
        #expect(try world.run("gpu list") == 0)
        let row = try #require(world.output.text.split(separator: "\n").last)
        #expect(row.split(separator: " ") == ["0", "unknown"])
        #expect(world.errors.text.contains("no GPU is given out now: nvidia-smi did not answer within 15 s"))
    }

    @Test func formsShowThem() throws {
        var view = SampleView.waiting
        (view.gpus, view.gpuUUIDs) = ([1, 0], ["GPU-b", "GPU-a"])
        #expect(
            JobForm.form(view, now: TestWorld.now).text(palette: Palette(isOn: false)).contains(
                "1 (GPU-b), 0 (GPU-a)\n"))
        (view.gpus, view.gpuUUIDs) = ([1, 0], [])
        #expect(JobForm.form(view, now: TestWorld.now).text(palette: Palette(isOn: false)).contains("1, 0\n"))
    }
}
