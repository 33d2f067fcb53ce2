import Foundation
import Glibc
import PhjobAPI
import PhjobCore
import PhjobHTTP
import PhjobSystem
import PhjobTestSupport
import Synchronization

/// A server on a socket of its own that answers as a test tells it to.
final class FakeAPI: Sendable {
    let socket: String
    private let directory: TemporaryDirectory
    private let server: HTTPServer
    private let ended = DispatchSemaphore(value: 0)

    /// - Parameter handler: answers a request; nil stands for "not found".
    init(_ handler: @escaping @Sendable (HTTPExchange) throws -> HTTPResponse?) throws {
        directory = try TemporaryDirectory()
        socket = directory("s")
        let listener = try UnixSocket.listen(at: socket)
        let record = Recorder()
        recorder = record
        server = try HTTPServer(
            listener: dup(listener.number),
            errorResponse: { error in HTTPResponse(error.status ?? .internalServerError) },
            handler: { exchange in
                record.requests.withLock { $0.append(exchange.request) }
                do {
                    let missing = PhjobError(.notFound, "there is no such thing")
                    let answer = try handler(exchange) ?? JSONBody.response(.notFound, ErrorBody(missing))
                    exchange.respond(answer)
                } catch let error as PhjobError {
                    if let answer = try? JSONBody.response(error.code.status, ErrorBody(error)) {
                        exchange.respond(answer)
                    }
                } catch {
                    exchange.respond(HTTPResponse(.internalServerError))
                }
            })
        let (server, ended) = (server, ended)
        let thread = Thread {
            try? server.serve()
            ended.signal()
        }
        thread.start()
    }

    deinit {
        server.stop()
        ended.wait()
    }

    private final class Recorder: Sendable {
        let requests = Mutex<[HTTPRequest]>([])
    }

    private let recorder: Recorder

    /// What was asked, as `GET jobs/x/logs`.
    var requests: [String] {
        recorder.requests.withLock {
            $0.map { "\($0.method) \($0.target.segments.dropFirst().joined(separator: "/"))" }
        }
    }

    /// The submissions that have arrived.
    var submissions: [JobSubmission] {
        recorder.requests.withLock { requests in
            requests.compactMap { try? JSONBody.decode(JobSubmission.self, from: $0.body) }
        }
    }
}

extension HTTPExchange {
    /// `GET jobs/x/logs`.
    var summary: String { "\(request.method) \(request.target.segments.dropFirst().joined(separator: "/"))" }

    /// Answers with a body that comes in pieces, and has an end.
    func stream(_ pieces: [[UInt8]], trailers: HTTPHeaders = [:]) throws {
        let writer = try startStreaming()
        for piece in pieces { try writer.write(piece) }
        try writer.finish(trailers: trailers)
    }
}
