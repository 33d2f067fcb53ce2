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

    init(_ call: APICall, id: JobID, options: LogOptions) {
        self.call = call
        self.id = id
        self.options = options
    }

    private var supervisor: Supervisor { call.supervisor }

    func run() throws {
        let view = try supervisor.view(supervisor.record(of: id).job)
        if view.log.state == .expired {
            let when = view.log.expireTime.map { " at \($0)" } ?? ""
            throw PhjobError(.expired, "the log of \(id) was removed\(when); its time of keeping is over", hint: "run it again with 'phjob rerun \(id)'")
        }
        let layout = supervisor.store.layout.job(id)
        var reader = LogReader(layout, LogRenderer.Options(timestamps: options.timestamps, since: options.since))
        // Engines that keep the log themselves are asked for it as long as somebody reads.
        let copy = EngineLogFollower(supervisor, id: id, follow: options.follow)
        copy?.begin()
        defer { copy?.end() }
        if !options.follow { copy?.wait() }
        if let tail = options.tail { try reader.skip(toLast: tail) }
        let watch = try FileWatch()
        try watch.add(layout.root, .entries)
        let subscription = try supervisor.watchers.subscribe(to: [id])
        let writer = try call.exchange.startStreaming(
            headers: ["Content-Type": "application/octet-stream", "Phjob-Job-Id": id.text])
        let emit = { (bytes: UnsafeRawBufferPointer) throws in try writer.write(bytes) }
        var watchesFile = false
        while true {
            subscription.wakeup.drain()
            watch.drain()
            // Looked at before reading: what is complete now will be read whole.
            let job = try supervisor.record(of: id).job
            let isComplete = supervisor.view(job).log.state != .growing && job.phase.isFinal
            if !watchesFile { watchesFile = (try? watch.add(layout.log, .content)) != nil }
            try reader.read(emit)
            if isComplete || !options.follow {
                if isComplete { try reader.finish(emit) }
                return try finish(writer, job)
            }
            guard wait(watch, subscription) else { return }
        }
    }

    private func finish(_ writer: HTTPBodyWriter, _ job: Job) throws {
        var trailers = HTTPHeaders()
        if case .ended(let ended) = job.state, let why = ended.logIncomplete {
            trailers[LogOptions.incompleteTrailer] = TerminalText.escaped(why)
        }
        try writer.finish(trailers: trailers)
    }

    /// Waits for more of the log, or for a change of the job.
    ///
    /// - Returns: false if nobody waits any more; then the stream is left unfinished, which the client can tell.
    private func wait(_ watch: FileWatch, _ subscription: Watchers.Subscription) -> Bool {
        // One descriptor can be waited for beside the client, so the two are joined by an epoll(7) descriptor.
        guard let joined = try? JoinedDescriptors([watch.descriptor, subscription.wakeup.descriptor]) else { return false }
        switch call.exchange.wait(for: joined.descriptor.number) {
        case .readable, .timedOut: return true
        case .clientGone, .stopping: return false
        }
    }
}
