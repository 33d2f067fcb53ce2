/// How a program ended and what it printed.
package struct ProcessResult: Sendable, Equatable {
    package var status: Status
    package var output: Capture
    package var errors: Capture

    package enum Status: Sendable, Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    /// What was printed, up to a bound.
    package struct Capture: Sendable, Equatable {
        package var bytes: [UInt8] = []
        /// Whether more was printed than was kept.
        package var isCut = false

        package init(bytes: [UInt8] = [], isCut: Bool = false) {
            self.bytes = bytes
            self.isCut = isCut
        }

        package var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    package init(status: Status, output: Capture = Capture(), errors: Capture = Capture()) {
        self.status = status
        self.output = output
        self.errors = errors
    }

    package var isSuccess: Bool { status == .exited(0) }
}
