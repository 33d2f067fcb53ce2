import CPhjobLinux
import Glibc

/// A pipe whose ends are not inherited (pipe2(2)); the reading end does not block.
final class Pipe {
    let readEnd: Descriptor
    private var openWriteEnd: Descriptor?

    init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        try retrying("cannot make a pipe") { phjob_pipe_cloexec(&ends) }
        readEnd = Descriptor(owning: ends[0])
        openWriteEnd = Descriptor(owning: ends[1])
        try retrying("cannot make a pipe") { fcntl(readEnd.number, F_SETFL, O_NONBLOCK) }
    }

    var writeEnd: Descriptor { openWriteEnd ?? readEnd }

    func closeWriteEnd() { openWriteEnd = nil }
}

/// What comes out of a pipe, kept up to a bound or handed on.
struct Stream {
    let pipe: Pipe
    private let limit: Int
    private(set) var isOpen = true
    private(set) var capture = ProcessResult.Capture()
    /// Whether the handler has thrown; what comes then is read and dropped.
    private var isRefused = false
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    init(_ pipe: Pipe, limit: Int) {
        self.pipe = pipe
        self.limit = limit
    }

    /// Reads what is there now, at most a buffer full.
    ///
    /// - Returns: how many bytes there were.
    @discardableResult
    mutating func read(_ handler: ChildProcess.OutputHandler?) throws -> Int {
        let count = Glibc.read(pipe.readEnd.number, &buffer, buffer.count)
        if count == 0 { isOpen = false }
        guard count > 0 else { return 0 }
        if let handler {
            guard !isRefused else { return count }
            isRefused = true
            try buffer.withUnsafeBytes { try handler(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            isRefused = false
        } else {
            let room = limit - capture.bytes.count
            capture.bytes += buffer[..<min(count, room)]
            capture.isCut = capture.isCut || count > room
        }
        return count
    }

    /// Reads what is in the pipe now. A daemon that holds the other end may write on for ever; that is not waited for.
    mutating func drain(_ handler: ChildProcess.OutputHandler?) throws {
        var waiting: Int32 = 0
        try retrying("cannot look into a pipe") { ioctl(pipe.readEnd.number, UInt(FIONREAD), &waiting) }
        var rest = Int(waiting)
        while rest > 0, isOpen {
            let count = try read(handler)
            if count == 0 { return }
            rest -= count
        }
    }
}
