/// Characters that inputs are made of.
enum Alphabet {
    static let letters = Array("abcxyzABCZ0123456789-_. /:=".unicodeScalars)

    /// Those that mean something to a terminal, a shell, a path or a parser.
    static let hostile: [Unicode.Scalar] = [
        "\0", "\u{1b}", "\u{9b}", "\u{7f}", "\u{85}", "\r", "\n", "\t", "\u{202e}", "\u{2066}", "\u{200e}", "\u{2028}",
        "\u{feff}",
        "\u{61c}", "\u{301}", "\u{e0001}", "\u{fe0f}", "é", "ß", "İ", "🚀", "\u{d7ff}", "\u{e000}", "\u{10ffff}", "\"",
        "'", "\\",
        "`", "$", "*", "?", "[", "]", "{", "}", ",", ";", "#", "%", "&", "+", "@", "~", "<", ">", "|", "(", ")", "!",
        "^",
    ]
}
