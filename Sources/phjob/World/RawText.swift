import Glibc
import PhjobArguments
import PhjobCore

/// The words of this process's command line and environment as the kernel gives them: bytes that need not be UTF-8.
///
/// Swift replaces what is not UTF-8 by U+FFFD; a job would then be another one than was asked for.
enum RawText {
    /// The arguments after the program's name.
    ///
    /// - Throws: ``UsageError`` that names the first one that is not UTF-8.
    static func arguments(_ words: [[UInt8]]) throws(UsageError) -> [String] {
        var result: [String] = []
        for (index, word) in words.enumerated() {
            guard let text = String(validating: word, as: UTF8.self) else {
                throw UsageError(
                    .other(
                        "argument \(index + 1), '\(shown(word))', is not UTF-8 text; convert it, for example with iconv"
                    ))
            }
            result.append(text)
        }
        return result
    }

    /// This process's own arguments after the program's name.
    static var processArguments: [[UInt8]] {
        (1..<max(1, Int(CommandLine.argc))).compactMap { index in
            CommandLine.unsafeArgv[index].map { bytes($0) }
        }
    }

    static func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: text, count: strlen(text)))
    }

    /// `caf\xe9`, cut where it is long.
    static func shown(_ bytes: [UInt8]) -> String {
        let text = bytes.prefix(60).map { byte in
            (0x20..<0x7f).contains(byte)
                ? String(Unicode.Scalar(byte)) : "\\x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
        }
        return text.joined() + (bytes.count > 60 ? "…" : "")
    }
}
