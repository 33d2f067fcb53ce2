/// Layers that are made to fail, by which the tests see that a failure is noticed and can be made again. One input in ten does.
enum FaultyLayer {
    enum Violating: FuzzLayer {
        static let name = "faulty-violation"
        static func run(_ random: inout Randomness) throws(Violation) -> Bool {
            if random.happens(onceIn: 10) { throw Violation("one is not two") }
            return random.happens(onceIn: 2)
        }
    }

    enum Trapping: FuzzLayer {
        static let name = "faulty-trap"
        static func run(_ random: inout Randomness) throws(Violation) -> Bool {
            precondition(!random.happens(onceIn: 10), "a trap")
            return random.happens(onceIn: 2)
        }
    }

    enum Endless: FuzzLayer {
        static let name = "faulty-endless"
        static func run(_ random: inout Randomness) throws(Violation) -> Bool {
            let isEndless = random.happens(onceIn: 10)
            while isEndless { _ = random.next() }
            return random.happens(onceIn: 2)
        }
    }

    enum Growing: FuzzLayer {
        static let name = "faulty-growth"
        static func run(_ random: inout Randomness) throws(Violation) -> Bool {
            // Never freed, and touched, so that it is in memory.
            let memory = UnsafeMutableRawPointer.allocate(byteCount: 1 << 20, alignment: 16)
            memory.initializeMemory(as: UInt8.self, repeating: UInt8(random.number(0...255)), count: 1 << 20)
            return random.happens(onceIn: 2)
        }
    }

    enum Accepting: FuzzLayer {
        static let name = "faulty-acceptance"
        static func run(_ random: inout Randomness) throws(Violation) -> Bool { true }
    }
}
