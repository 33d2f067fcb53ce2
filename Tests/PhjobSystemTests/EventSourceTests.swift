import Glibc
import PhjobSystem
import PhjobTestSupport
import Testing

/// Descriptors that become readable when something happens: wake-ups, signals, changes of files, deadlines.
@Suite(.timeLimit(.minutes(30))) struct EventSourceTests {
    private func isReadable(_ descriptor: Descriptor) throws -> Bool {
        try Poll.readable([descriptor.number], until: .now) == [true]
    }

    @Test func wakeupIsReadableUntilItIsDrained() throws {
        let wakeup = try Wakeup()
        #expect(try !isReadable(wakeup.descriptor))
        wakeup.signal()
        wakeup.signal()
        #expect(try isReadable(wakeup.descriptor))
        wakeup.drain()
        #expect(try !isReadable(wakeup.descriptor))
        wakeup.drain()
    }

    @Test func pollWaitsForItsDeadlineAndNotLonger() throws {
        let wakeup = try Wakeup()
        let deadline = Monotonic.now.adding(seconds: 0.05)
        #expect(try Poll.readable([wakeup.descriptor.number, -1], until: deadline) == [false, false])
        #expect(Monotonic.now >= deadline)
        #expect(Monotonic.now < deadline.adding(seconds: patience))
    }

    @Test func pollTellsWhichDescriptorIsReady() throws {
        let wakeups = try (0..<3).map { _ in try Wakeup() }
        wakeups[1].signal()
        #expect(try Poll.readable(wakeups.map(\.descriptor.number)) == [false, true, false])
    }

    @Test func pollSeesWhatIsReadyEvenAfterItsDeadline() throws {
        let wakeup = try Wakeup()
        wakeup.signal()
        #expect(try Poll.readable([wakeup.descriptor.number], until: Monotonic.now.adding(seconds: -1)) == [true])
    }

    @Test func pollOfAClosedPeer() throws {
        let directory = try TemporaryDirectory()
        let listener = try UnixSocket.listen(at: directory("s"))
        let server = try {
            let client = try UnixSocket.connect(to: directory("s"))
            let server = Descriptor(owning: accept(listener.number, nil, nil))
            #expect(try !isReadable(server))
            withExtendedLifetime(client) {}
            return server
        }()
        #expect(try isReadable(server))
    }

    /// In a process of its own, as signals are the whole process's.
    @Test func signalsAreReadInTheOrderOfTheirArrival() async {
        await #expect(processExitsWith: .success) {
            let signals = try Signals([SIGTERM, SIGHUP, SIGUSR1])
            #expect(signals.next() == nil)
            #expect(try Poll.readable([signals.descriptor.number], until: .now) == [false])
            for number in [SIGHUP, SIGTERM, SIGUSR1, SIGHUP] {
                kill(getpid(), number)
                #expect(
                    try Poll.readable([signals.descriptor.number], until: .now.adding(seconds: patience)) == [true])
                #expect(signals.next() == number)
            }
            #expect(signals.next() == nil)
        }
    }

    /// Also one that comes to a thread which blocks most signals, as those of Dispatch do.
    @Test func signalsArriveWhicheverThreadIsThere() async {
        await #expect(processExitsWith: .success) {
            let signals = try Signals([SIGTERM])
            try await onThread {
                for _ in 0..<100 {
                    kill(getpid(), SIGTERM)
                    let ready = try Poll.readable([signals.descriptor.number], until: .now.adding(seconds: patience))
                    #expect(ready == [true])
                    #expect(signals.next() == SIGTERM)
                }
            }
        }
    }

    @Test func signalsDoWhatTheyDoWhenNobodyReadsThemAnyMore() async {
        await #expect(processExitsWith: .signal(SIGTERM)) {
            do { _ = try Signals([SIGTERM]) }
            kill(getpid(), SIGTERM)
            try await eventually { false }
        }
    }

    /// Changes are told by a thread of the process's, a moment later.
    private func becomesReadable(_ watch: FileWatch) throws -> Bool {
        try Poll.readable([watch.descriptor.number], until: .now.adding(seconds: patience)) == [true]
    }

    /// Waits until no more is told of what has been changed.
    private func settle(_ watch: FileWatch) throws {
        try blockUntil("nothing more is told") {
            watch.drain()
            return try Poll.readable([watch.descriptor.number], until: .now.adding(seconds: 0.05)) == [false]
        }
    }

    @Test func watchedFileThatGrowsIsSeen() throws {
        let directory = try TemporaryDirectory()
        try directory.write("a", to: "log")
        let watch = try FileWatch()
        try watch.add(directory("log"), .content)
        #expect(try !isReadable(watch.descriptor))
        for _ in 0..<2 {
            try directory.append(Array("more".utf8), to: "log")
            #expect(try becomesReadable(watch))
            try settle(watch)
        }
    }

    /// As podman does when a log has reached its bound.
    @Test func watchedFileThatIsReplacedIsSeen() throws {
        let directory = try TemporaryDirectory()
        try directory.write("old", to: "log")
        link(directory("log"), directory("log.head"))
        try directory.write("", to: "new")
        let watch = try FileWatch()
        try watch.add(directory("log"), .content)
        rename(directory("new"), directory("log"))
        #expect(try becomesReadable(watch))
    }

    @Test func entriesOfAWatchedDirectoryAreSeen() throws {
        let directory = try TemporaryDirectory()
        let watch = try FileWatch()
        try watch.add(directory.path, .entries)
        let changes: [(String, () throws -> Void)] = [
            ("create", { try directory.write("x", to: "a") }),
            ("replace", { try AtomicFile.write([1], to: "a", in: directory.descriptor) }),
            ("write in place", { try directory.append([2], to: "a") }),
            ("rename", { rename(directory("a"), directory("b")) }),
            ("remove", { unlink(directory("b")) }),
        ]
        for (name, change) in changes {
            try change()
            #expect(try becomesReadable(watch), "\(name)")
            try settle(watch)
        }
    }

    /// The kernel's queue holds 16384 changes (`fs.inotify.max_queued_events`), and tells when it has dropped some.
    @Test func moreChangesThanTheKernelKeepsAreSeen() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "file")
        let (watch, other) = (try FileWatch(), try FileWatch())
        try watch.add(directory.path, .entries)
        for _ in 0..<10_000 {
            rename(directory("file"), directory("file-with-a-rather-long-name"))
            rename(directory("file-with-a-rather-long-name"), directory("file"))
        }
        try other.add(directory.path, .entries)
        try settle(watch)
        try settle(other)
        unlink(directory("file"))
        #expect(try becomesReadable(watch) && becomesReadable(other))
    }

    /// More than the inotify instances that a user has (`fs.inotify.max_user_instances`).
    @Test func hundredsWatchEachTheirOwn() throws {
        let directory = try TemporaryDirectory()
        // Directories: a file may be closed a second time, by a child of another test that has not reached its program yet.
        let watches = try (0..<300).map { number in
            let watch = try FileWatch()
            mkdir(directory("\(number)"), 0o700)
            try watch.add(directory("\(number)"), .entries)
            return watch
        }
        mkdir(directory("7/new"), 0o700)
        #expect(try becomesReadable(watches[7]))
        mkdir(directory("8/new"), 0o700)
        #expect(try becomesReadable(watches[8]))
        // What was told before was told to those alone whom it concerns.
        #expect(try watches.enumerated().filter { try isReadable($0.element.descriptor) }.map(\.offset) == [7, 8])
    }

    @Test func severalWatchTheSameUntilTheyEnd() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: "log")
        let first = try FileWatch()
        try first.add(directory("log"), .content)
        do {
            let second = try FileWatch()
            try second.add(directory("log"), .content)
            try second.add(directory.path, .entries)
            try directory.append([1], to: "log")
            #expect(try becomesReadable(first) && becomesReadable(second))
        }
        try settle(first)
        try directory.append([1], to: "log")
        #expect(try becomesReadable(first))
        // A file that has gone takes its watch with it; one of its name is another.
        unlink(directory("log"))
        try settle(first)
        try directory.write("", to: "log")
        try first.add(directory("log"), .content)
        try settle(first)
        try directory.append([1], to: "log")
        #expect(try becomesReadable(first))
    }

    @Test func missingFileCannotBeWatched() throws {
        let watch = try FileWatch()
        let error = #expect(throws: SystemError.self) { try watch.add("/nonexistent/file", .content) }
        #expect(error?.number == ENOENT)
    }

    @Test func timesCanBeComparedAndMoved() {
        let now = Monotonic.now
        #expect(now.adding(seconds: 1) > now)
        #expect(now.adding(seconds: -1).millisecondsFromNow == 0)
        #expect(now.adding(seconds: 1e300) > now.adding(seconds: 1e8))
        #expect(now.adding(seconds: 1e8).millisecondsFromNow == .max)
        #expect((1...1000).contains(now.adding(seconds: 1).millisecondsFromNow))
    }
}
