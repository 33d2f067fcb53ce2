import PhjobAPI
import PhjobCore
import PhjobEngine
import PhjobHTTP
import PhjobStore
import PhjobSystem

/// Streams a job's log to one client. A slow client is waited for here, and holds up nobody else.
struct LogStream {
    private let call: APICall
    private let id: JobID
    private let options: LogOptions
    private let place: StreamPlace

    /// - Parameter place: taken if there is much to read, or something to wait for.
    init(_ call: APICall, id: JobID, options: LogOptions, place: StreamPlace) {
        self.call = call
        self.id = id
        self.options = options
        self.place = place
    }

    private var supervisor: Supervisor { call.supervisor }

    /// Seconds that a log gets which the engine has still to hand over, before what there is must do.
    private static let patience = 30
    /// Bytes that may be read of a log without a place among the user's streams.
    private static let shortRead: Int64 = 1 << 20

    func run() throws {
        let subscription = try supervisor.watchers.subscribe(to: [id])
        guard try waitForFetch(subscription) else { return }
        try checkExpiry()
        let layout = supervisor.store.layout.job(id)
        var copy = beginCopy()
        defer { copy?.end() }
        if !options.follow, let copy, try !waitFor(copy) { return }
        var searched: Int64 = 0
        var hasAnswered = false
        var reader = LogReader(
            layout, LogRenderer.Options(timestamps: options.timestamps, since: options.since),
            beforeRead: { bytes in
                if call.exchange.isClientGone { throw HTTPError.closed }
                searched += Int64(bytes)
                if searched > Self.shortRead, !hasAnswered { try place.take() }
            })
        try reader.skip(toLast: options.tail)
        if try reader.remaining() > Self.shortRead { try place.take() }
        let watch = try FileWatch()
        try watch.add(layout.root, .entries)
        // Much may have happened while the engine was waited for.
        try call.checkAgain(id, to: .readLog)
        var checkTime = Monotonic.now
        // At most once a second: a log may grow a thousand times in one.
        func checkAgain() throws {
            guard checkTime.adding(seconds: 1) <= .now else { return }
            try call.checkAgain(id, to: .readLog)
            checkTime = .now
        }
        call.noteAnswer(nil)
        hasAnswered = true
        let writer = try call.exchange.startStreaming(
            headers: ["Content-Type": "application/octet-stream", "Phjob-Job-Id": id.text])
        // Also here: whoever reads slowly may take hours for what there is.
        let emit = { (bytes: UnsafeRawBufferPointer) throws in
            try checkAgain()
            try writer.write(bytes)
        }
        while true {
            try checkAgain()
            subscription.wakeup.drain()
            watch.drain()
            // Looked at before reading: what is complete now will be read whole.
            let job = try supervisor.record(of: id).job
            let isComplete = job.phase.isFinal && !isGrowing(job)
            if options.follow, copy == nil { copy = beginCopy() }
            // The file may be another by now: engines begin a new one at a bound.
            try? watch.add(layout.log, .content)
            try reader.read(emit)
            if isComplete || !options.follow {
                if isComplete { try reader.finish(emit) }
                return try finish(writer, job, isComplete: isComplete, missing: reader.missing())
            }
            guard wait(watch, subscription) else { return }
        }
    }

    private func checkExpiry() throws {
        let view = try supervisor.view(supervisor.record(of: id).job)
        guard view.log.state == .expired else { return }
        let when = view.log.expireTime.map { " at \($0)" } ?? ""
        throw PhjobError(
            .expired, "the log of \(id) was removed\(when); its time of keeping is over",
            hint: "run it again with 'phjob rerun \(id)'")
    }

    private func isGrowing(_ job: Job) -> Bool { supervisor.view(job).log.state == .growing }

    /// Engines that keep the log themselves are asked for it as long as somebody reads a running job's.
    private func beginCopy() -> EngineLogFollower? {
        let copy = EngineLogFollower(supervisor, id: id, follow: options.follow)
        copy?.begin()
        return copy
    }

    /// The end of a job is known before its log is here; its last lines are what a reader wants then.
    ///
    /// - Returns: false if no client waits any more.
    private func waitForFetch(_ subscription: Watchers.Subscription) throws -> Bool {
        let clock = ContinuousClock()
        let deadline = clock.now.advanced(by: .seconds(Self.patience))
        while true {
            subscription.wakeup.drain()
            let job = try supervisor.record(of: id).job
            guard job.phase.isFinal, isGrowing(job), clock.now < deadline else { return true }
            try place.take()
            let rest = clock.now.duration(to: deadline)
            switch call.exchange.wait(for: subscription.wakeup.descriptor.number, timeout: rest) {
            case .readable, .timedOut: continue
            case .clientGone: return false
            case .stopping: throw APICall.stopping
            }
        }
    }

    /// Waits for what the engine has to hand over of a running job's log, or until it takes too long.
    ///
    /// - Returns: false if no client waits any more.
    private func waitFor(_ copy: EngineLogFollower) throws -> Bool {
        try place.take()
        switch call.exchange.wait(for: copy.isDone.descriptor.number, timeout: .seconds(Self.patience)) {
        case .readable, .timedOut: return true
        case .clientGone: return false
        case .stopping: throw APICall.stopping
        }
    }

    private func finish(
        _ writer: HTTPBodyWriter, _ job: Job, isComplete: Bool, missing: LogReader.Missing?
    ) throws {
        var why: String?
        if case .ended(let ended) = job.state {
            why = isComplete ? ended.logIncomplete : "the container engine has not handed it over yet"
        }
        why = why ?? missing?.text
        var trailers = HTTPHeaders()
        if let why { trailers[LogOptions.incompleteTrailer] = TerminalText.escaped(why) }
        try writer.finish(trailers: trailers)
    }

    /// Waits for more of the log, or for a change of the job.
    ///
    /// - Returns: false if nobody waits any more; then the stream is left unfinished, which the client can tell.
    private func wait(_ watch: FileWatch, _ subscription: Watchers.Subscription) -> Bool {
        // One descriptor can be waited for beside the client, so the two are joined by an epoll(7) descriptor.
        guard let joined = try? JoinedDescriptors([watch.descriptor, subscription.wakeup.descriptor]) else {
            return false
        }
        switch call.exchange.wait(for: joined.descriptor.number) {
        case .readable, .timedOut: return true
        case .clientGone, .stopping: return false
        }
    }
}
