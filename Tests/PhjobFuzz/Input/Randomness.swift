import PhjobTestSupport

/// The random choices of one input.
struct Randomness: RandomNumberGenerator {
    private var generator: SeededGenerator

    init(seed: UInt64, input: Int) {
        // Mixed once, so that neighbouring inputs have nothing in common.
        var mixer = SeededGenerator(seed: seed)
        let base = mixer.next()
        generator = SeededGenerator(seed: base &+ UInt64(truncatingIfNeeded: input) &* 0xd134_2543_de82_ef95)
    }

    mutating func next() -> UInt64 { generator.next() }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    /// True once in so many times.
    mutating func happens(onceIn times: Int) -> Bool { number(1...times) == 1 }

    mutating func one<Element>(of all: [Element]) -> Element { all[number(0...all.count - 1)] }

    /// A length: mostly small, sometimes large.
    mutating func length(_ most: Int = 12) -> Int {
        switch number(0...199) {
        case 0: number(0...20_000)
        case 1...6: number(0...500)
        default: number(0...most)
        }
    }

    /// Text of all kinds of characters.
    mutating func text(_ most: Int = 12) -> String {
        var text = String.UnicodeScalarView()
        let isPlain = happens(onceIn: 2)
        for _ in 0..<length(most) { text.append(isPlain ? one(of: Alphabet.letters) : scalar()) }
        return String(text)
    }

    private mutating func scalar() -> Unicode.Scalar {
        switch number(0...5) {
        case 0: one(of: Alphabet.hostile)
        case 1: Unicode.Scalar(UInt8.random(in: 0...255, using: &self))
        case 2: Unicode.Scalar(UInt32.random(in: 0...0x10ffff, using: &self)) ?? "\u{fffd}"
        default: one(of: Alphabet.letters)
        }
    }

    /// Cuts bytes into pieces of any size.
    mutating func pieces(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        let most = one(of: [1, 3, 40, 1000, 100_000])
        while !rest.isEmpty {
            let piece = rest.prefix(number(1...most))
            pieces.append(piece)
            rest = rest.dropFirst(piece.count)
        }
        return pieces
    }
}
