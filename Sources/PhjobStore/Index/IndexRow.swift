import PhjobCore
import PhjobSystem

/// One row of the index: the summary of a job, and the version of its record that it was taken from.
///
/// On disk: the length of what follows it without the checksum (4 bytes), numbers, texts with their lengths, and the
/// checksum; all numbers little-endian.
struct IndexRow: Sendable, Equatable {
    let summary: JobSummary
    let identity: FileIdentity

    /// What is written for a missing time.
    private static let noTime = Int64.min

    /// Appends the row's bytes.
    func encode(into bytes: inout [UInt8]) {
        let start = bytes.count
        Self.append(UInt32(0), to: &bytes)
        Self.append(identity.inode, to: &bytes)
        Self.append(identity.size, to: &bytes)
        Self.append(identity.changeTime, to: &bytes)
        Self.append(summary.createTime.milliseconds, to: &bytes)
        for time in [summary.startTime, summary.finishTime, summary.logExpiry] {
            Self.append(time?.milliseconds ?? Self.noTime, to: &bytes)
        }
        Self.append(summary.demand.cpu.milli, to: &bytes)
        Self.append(summary.demand.memory.bytes, to: &bytes)
        Self.append(Int64(summary.demand.gpus), to: &bytes)
        Self.append(summary.uid, to: &bytes)
        bytes.append(UInt8(JobPhase.allCases.firstIndex(of: summary.phase) ?? 0))
        bytes.append(summary.idempotencyKey == nil ? 0 : 1)
        let texts = [
            summary.id.text, summary.displayName, summary.groupName, summary.userName, summary.idempotencyKey ?? "",
        ]
        for text in texts {
            Self.append(UInt32(text.utf8.count), to: &bytes)
            bytes += text.utf8
        }
        let body = start + 4
        withUnsafeBytes(of: UInt32(bytes.count - body).littleEndian) { length in
            bytes.replaceSubrange(start..<body, with: length)
        }
        let checksum = bytes.withUnsafeBytes { Checksum.of($0[start...]) }
        Self.append(checksum, to: &bytes)
    }

    /// Reads the row that begins at `offset`, and moves `offset` behind it.
    ///
    /// - Parameter shared: texts that many rows have in common, which are then kept once.
    /// - Returns: nil if the bytes there are no row.
    init?(_ bytes: UnsafeRawBufferPointer, at offset: inout Int, sharing shared: inout Set<String>) {
        let start = offset
        var reader = ByteReader(bytes, at: start)
        guard let length: UInt32 = reader.number(), let end = reader.end(after: Int(length)) else { return nil }
        var tail = ByteReader(bytes, at: end)
        guard tail.number() == Checksum.of(bytes[start..<end]),
            let inode: UInt64 = reader.number(), let size: Int64 = reader.number(),
            let changeTime: Int64 = reader.number(), let createTime: Int64 = reader.number(),
            let startTime: Int64 = reader.number(), let finishTime: Int64 = reader.number(),
            let logExpiry: Int64 = reader.number(), let cpu: Int64 = reader.number(),
            let memory: Int64 = reader.number(), let gpus: Int64 = reader.number(), let uid: UInt32 = reader.number(),
            let phase: UInt8 = reader.number(),
            JobPhase.allCases.indices.contains(Int(phase)), let hasKey: UInt8 = reader.number(),
            let id = reader.text().flatMap(JobID.init), let displayName = reader.text(),
            let groupName = reader.text(), let userName = reader.text(), let key = reader.text()
        else { return nil }
        offset = tail.offset
        identity = FileIdentity(inode: inode, size: size, changeTime: changeTime)
        summary = JobSummary(
            id: id, displayName: displayName, groupName: shared.insert(groupName).memberAfterInsert,
            owner: JobOwner(uid: uid, name: shared.insert(userName).memberAfterInsert),
            phase: JobPhase.allCases[Int(phase)],
            createTime: Timestamp(milliseconds: createTime), startTime: Self.time(startTime),
            finishTime: Self.time(finishTime),
            demand: ResourceAmount(
                cpu: CPUAmount(milli: cpu), memory: MemorySize(bytes: memory), gpus: Int(truncatingIfNeeded: gpus)),
            idempotencyKey: hasKey == 1 ? key : nil, logExpiry: Self.time(logExpiry))
    }

    private static func time(_ milliseconds: Int64) -> Timestamp? {
        milliseconds == noTime ? nil : Timestamp(milliseconds: milliseconds)
    }

    init(summary: JobSummary, identity: FileIdentity) {
        self.summary = summary
        self.identity = identity
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }
}
