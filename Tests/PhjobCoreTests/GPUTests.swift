import Foundation
import Testing

@testable import PhjobCore

struct GPUTests {
    private static let written = [
        (GPU(index: 1), "1"), (GPU(index: 0, uuid: "GPU-5d"), #"{"index":0,"uuid":"GPU-5d"}"#),
    ]

    @Test(arguments: written) func coding(_ gpu: GPU, _ text: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(gpu), as: UTF8.self) == text)
        #expect(try JSONDecoder().decode(GPU.self, from: Data(text.utf8)) == gpu)
    }

    @Test func theUUIDDecides() {
        let first = GPU(index: 0, uuid: "GPU-a")
        #expect(first.isSameDevice(as: GPU(index: 3, uuid: "GPU-a")))
        #expect(!first.isSameDevice(as: GPU(index: 0, uuid: "GPU-b")))
        // A record from before there were UUIDs.
        #expect(first.isSameDevice(as: 0) && !first.isSameDevice(as: 1))
    }
}
