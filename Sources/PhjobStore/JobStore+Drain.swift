import FoundationEssentials
import Glibc
package import PhjobCore
import PhjobSystem

/// The administrator's word that no job be started, which outlives the runner.
extension JobStore {
    private static let drainName = "drain.json"
    private static let maximumDrainSize = 64 << 10

    /// - Returns: nil if jobs may be started.
    /// - Throws: ``SystemError``, or a decoder's error: whether jobs may be started is then not known.
    package func loadDrain() throws -> Drain? {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Descriptor(opening: Self.drainName, in: root, flags: O_RDONLY | O_NONBLOCK)
                .readAll(limit: Self.maximumDrainSize)
        } catch {
            if error.number == ENOENT { return nil }
            throw error
        }
        return try JSONDecoder().decode(Drain.self, from: Data(bytes))
    }

    /// - Parameter drain: nil lets jobs be started again.
    /// - Throws: ``SystemError``, or an encoder's error; then it is as it was.
    package func save(_ drain: Drain?) throws {
        guard let drain else {
            if unlinkat(root.number, Self.drainName, 0) != 0, errno != ENOENT {
                throw SystemError("cannot remove \(Self.drainName)")
            }
            return try root.synchronize()
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try AtomicFile.write(Array(try encoder.encode(drain)), to: Self.drainName, in: root)
    }
}
