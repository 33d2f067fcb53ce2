import Glibc
import PhjobCore
import PhjobSystem

/// Reads what a person has written, with errors that say what is wrong with it and where.
enum InputFile {
    static func bytes(at path: String, limit: Int) throws(PhjobError) -> [UInt8] {
        let shown = TerminalText.escaped(path)
        do {
            let file = try Descriptor(opening: path, flags: O_RDONLY)
            guard try file.status().st_mode & S_IFMT != S_IFDIR else {
                throw PhjobError(.invalidRequest, "\(shown) is a directory, not a file")
            }
            return try file.readAll(limit: limit)
        } catch let error as PhjobError {
            throw error
        } catch let error as SystemError {
            throw failure(error, shown, limit: limit)
        } catch {
            throw PhjobError(.invalidRequest, "\(shown): \(error)")
        }
    }

    static func bytes(of input: StandardInput, limit: Int) throws -> [UInt8] {
        do {
            return try input.readAll(limit)
        } catch let error as SystemError {
            throw failure(error, "standard input", limit: limit)
        }
    }

    static func text(at path: String, limit: Int) throws(PhjobError) -> String {
        try text(of: bytes(at: path, limit: limit), from: TerminalText.escaped(path))
    }

    /// The text without a byte order mark, which is no part of it.
    ///
    /// - Throws: if the bytes are not UTF-8, as JSON can carry nothing else.
    static func text(of bytes: [UInt8], from source: String) throws(PhjobError) -> String {
        let bytes = ScriptText.withoutByteOrderMark(bytes)
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var line = 1
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            if String(validating: part, as: UTF8.self) == nil { break }
            line += 1
        }
        throw PhjobError(
            .invalidRequest, "\(source): line \(line) is not UTF-8 text",
            hint: "convert it, for example with iconv; binary data belongs into a file on the group's volume")
    }

    private static func failure(_ error: SystemError, _ source: String, limit: Int) -> PhjobError {
        error.number == EFBIG
            ? PhjobError(
                .limitExceeded, "\(source) has more than \(limit) bytes",
                hint: "put large data on the group's volume and name it in the command")
            : PhjobError(.invalidRequest, error.description)
    }
}
