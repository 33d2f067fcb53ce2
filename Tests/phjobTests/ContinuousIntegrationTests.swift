import Foundation
import PhjobSystem
import PhjobTestSupport
import Testing

/// `scripts/ci-submit` with a stand-in for `phjob` that writes down how it is called.
@Suite struct ContinuousIntegrationTests {
    private let directory: TemporaryDirectory
    private let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../scripts/ci-submit").standardizedFileURL.path
    private static let id = "job-202611210809-x7k2f9"

    init() throws {
        directory = try TemporaryDirectory()
        let root = directory.path
        try directory.write(
            """
            #!/bin/bash
            { printf '%q ' "$@"; echo; } >>'\(root)/calls'
            case $1 in
                submit) [[ ! -e '\(root)/refused' ]] || { echo "phjob: refused" >&2; exit 1; }; echo \(Self.id) ;;
                logs) echo from the job; [[ ! -e '\(root)/keys' ]] || read -r <'\(root)/keys' ;;
                wait) exit "$(cat '\(root)/status')" ;;
                cancel) echo 120 >'\(root)/status'; echo go >'\(root)/keys' ;;
            esac

            """, to: "phjob", mode: 0o755)
        try directory.write("0", to: "status")
    }

    private func run(_ words: String, _ environment: String = "") throws -> ProcessResult {
        try HostProcess.shell("env -i PATH=\"$PATH\" PHJOB='\(directory("phjob"))' \(environment) '\(script)' \(words)")
    }

    private var calls: [String] {
        ((try? directory.text("calls")) ?? "").split(separator: "\n").map { String($0.dropLast()) }
    }

    @Test func itSubmitsFollowsAndEndsAsTheJob() throws {
        try directory.write("7", to: "status")
        let result = try run("--image base -- python3 'a b.py'")
        #expect(result.status == .exited(7))
        #expect(result.output.text == "from the job\n")
        #expect(
            calls == [
                "submit --image base -- python3 a\\ b.py", "logs --follow \(Self.id)", "wait \(Self.id)",
            ])
    }

    /// A step that is run again finds its job; another attempt does not.
    @Test func oneJobOfTheCIIsOneJob() throws {
        let github = "GITHUB_ACTIONS=true GITHUB_REPOSITORY=lab/Model GITHUB_RUN_ID=42 GITHUB_JOB=train"
        let keys = try [
            (github, ""), (github, ""), ("\(github) GITHUB_RUN_ATTEMPT=2", ""), (github, "--ci-key seed-1"),
            ("GITLAB_CI=true CI_JOB_ID=9 CI_PROJECT_ID=3 CI_PROJECT_NAME=model CI_JOB_NAME='train: [1]'", ""),
        ].map { environment, options in
            #expect(try run("\(options) train.sh", environment).status == .exited(0))
            let submit = try #require(calls.last { $0.hasPrefix("submit") }).split(separator: " ")
            let key = try #require(submit.firstIndex(of: "--idempotency-key"))
            let name = try #require(submit.firstIndex(of: "--name"))
            #expect(submit[1] == "train.sh")
            return "\(submit[key + 1]) \(submit[name + 1])"
        }
        #expect(keys[0] == keys[1] && Set(keys).count == 4)
        #expect(keys[0].hasSuffix(" Model-train") && keys[4].hasSuffix(" model-train---1-"))
    }

    @Test func whatTheUserSaysWins() throws {
        #expect(
            try run("--name mine --idempotency-key k -- ls", "GITLAB_CI=true CI_JOB_ID=9").status == .exited(0))
        #expect(calls.first == "submit --name mine --idempotency-key k -- ls")
    }

    @Test func aRefusalIsPhjobsOwnFailure() throws {
        try directory.write("", to: "refused")
        let result = try run("-- ls")
        #expect(result.status == .exited(125))
        #expect(result.errors.text.contains("phjob: refused"))
        #expect(calls.count == 1)
        #expect(try run("").status == .exited(64))
    }

    /// A CI job that is cancelled cancels the job, and ends as it has ended.
    @Test(arguments: ["TERM", "HUP"]) func aSignalCancelsTheJob(_ signal: String) throws {
        mkfifo(directory("keys"), 0o600)
        let follow = "until grep -q '^logs' '\(directory("calls"))' 2>/dev/null; do sleep 0.02; done"
        let result = try HostProcess.shell(
            """
            env -i PATH="$PATH" PHJOB='\(directory("phjob"))' '\(script)' -- sleep 100 &
            step=$!; \(follow); kill -\(signal) $step; wait $step; echo "status $?"
            """)
        #expect(result.output.text.hasSuffix("status 120\n"), "\(result)")
        #expect(calls.contains("cancel --yes \(Self.id)"))
    }
}
