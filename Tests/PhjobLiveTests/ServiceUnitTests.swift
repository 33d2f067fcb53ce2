import Foundation
import PhjobSystem
import PhjobTestSupport
import Testing

/// The systemd unit, read as systemd reads it (systemd.syntax(7)): there is none here to ask, and a directive that it does not
/// know it passes over in silence.
@Suite struct ServiceUnitTests {
    private let unit: [String: [(name: String, value: String)]]

    init() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../scripts/lib/phjob.service")
        let text = String(decoding: try Data(contentsOf: path), as: UTF8.self)
        var unit: [String: [(name: String, value: String)]] = [:]
        var section = ""
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            if line.hasPrefix("["), line.hasSuffix("]") {
                section = String(line.dropFirst().dropLast())
            } else {
                let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                try #require(parts.count == 2, "\(line)")
                unit[section, default: []].append((String(parts[0]), String(parts[1])))
            }
        }
        self.unit = unit
    }

    private func value(_ name: String, in section: String = "Service") -> String? {
        let values = unit[section, default: []].filter { $0.name == name }
        return values.count == 1 ? values[0].value : nil
    }

    /// All that stands in it, each with what systemd.unit(5), systemd.service(5), systemd.exec(5), systemd.kill(5) and
    /// systemd.resource-control(5) let it be.
    private static let known: [String: [String: String]] = [
        "Unit": [
            "Description": ".+", "Documentation": "man:phjob\\(1\\)", "Wants": unitNames, "After": unitNames,
            "StartLimitIntervalSec": number,
        ],
        "Service": [
            "Type": "simple|notify", "ExecStart": "@BINARY@ runner run --system",
            "ExecReload": "/bin/kill -HUP \\$MAINPID",
            "EnvironmentFile": "-/etc/.+", "Restart": "no|on-failure|always", "RestartSec": number,
            "TimeoutStartSec": number, "TimeoutStopSec": number, "KillMode": "control-group|mixed|process|none",
            "Delegate": "yes|no", "TasksMax": "infinity|[0-9]+", "OOMScoreAdjust": "-?[0-9]+",
            "OOMPolicy": "continue|stop|kill", "UMask": mode, "StateDirectory": "[a-z]+", "StateDirectoryMode": mode,
            "RuntimeDirectory": "[a-z]+", "RuntimeDirectoryMode": mode, "RuntimeDirectoryPreserve": "yes|no|restart",
            "LimitNOFILE": number, "LimitCORE": number, "CapabilityBoundingSet": "~CAP_[A-Z_]+( CAP_[A-Z_]+)*",
        ],
        "Install": ["WantedBy": unitNames],
    ]
    private static let number = "[0-9]+"
    private static let mode = "0[0-7]{3}"
    private static let unitNames = "[a-z-]+\\.(target|service)( [a-z-]+\\.(target|service))*"

    @Test func everyDirectiveIsKnownAndStandsOnce() throws {
        #expect(Set(unit.keys) == Set(Self.known.keys))
        for (section, directives) in unit {
            #expect(Set(directives.map(\.name)).count == directives.count)
            for (name, value) in directives {
                let pattern = try #require(Self.known[section]?[name], "\(name) in [\(section)]")
                #expect(value.range(of: "^(\(pattern))$", options: .regularExpression) != nil, "\(name)=\(value)")
            }
        }
    }

    @Test func itIsReadyWhenItSaysSoAndComesBack() {
        #expect(value("Type") == "notify")
        #expect(value("Restart") == "always")
        #expect(value("StartLimitIntervalSec", in: "Unit") == "0")
        #expect(value("WantedBy", in: "Install") == "multi-user.target")
    }

    /// Jobs and their monitors are in its control group, and outlive it.
    @Test func jobsOutliveIt() {
        #expect(value("KillMode") == "process")
        #expect(value("Delegate") == "yes")
        #expect(value("OOMPolicy") == "continue")
        #expect(value("RuntimeDirectoryPreserve") == "yes")
        // Runner.end() may take 30 seconds.
        #expect(value("TimeoutStopSec").flatMap { Int($0) } ?? 0 > 30)
    }

    @Test func itsPlacesAreThoseOfTheProgram() {
        #expect(value("StateDirectory") == "phjob")
        #expect(value("StateDirectoryMode") == "0700")
        #expect(value("RuntimeDirectory") == "phjob")
        #expect(value("RuntimeDirectoryMode") == "0755")
        #expect(value("UMask") == "0077")
    }

    /// Containers are made from it: what it could not see, filter or be confined by, they could not either.
    @Test func nothingKeepsItFromDrivingTheEngine() {
        let harmful = ["Private", "Protect", "Restrict", "SystemCall", "ReadOnly", "Inaccessible", "ReadWrite", "Bind"]
        let names = unit["Service", default: []].map(\.name)
        #expect(names.filter { name in name != "Restart" && harmful.contains { name.hasPrefix($0) } } == [])
        for name in [
            "NoNewPrivileges", "MemoryDenyWriteExecute", "LockPersonality", "DevicePolicy", "User", "DynamicUser",
        ] {
            #expect(value(name) == nil)
        }
        let dropped = (value("CapabilityBoundingSet") ?? "").dropFirst().split(separator: " ")
        let needed = [
            "SYS_ADMIN", "NET_ADMIN", "MKNOD", "SETUID", "SETGID", "SETPCAP", "CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL",
            "SYS_PTRACE", "SYS_RESOURCE", "SYSLOG", "SYS_MODULE", "SYS_CHROOT", "DAC_READ_SEARCH", "SETFCAP", "FSETID",
        ]
        #expect(needed.filter { dropped.contains("CAP_\($0)") } == [])
    }

    /// The file that README names is read, and its variables move the places of the runner.
    @Test func variablesOfTheDefaultsFileMoveThePlaces() throws {
        #expect(value("EnvironmentFile") == "-/etc/default/phjob")
        let directory = try TemporaryDirectory()
        try directory.write("# a comment\n\nPHJOB_CONFIG=\"\(directory("moved.json"))\"\n", to: "default")
        try directory.write("{}", to: "moved.json")
        // Lines of NAME=VALUE with quotes around values, as a shell reads them too (systemd.exec(5), EnvironmentFile=).
        let result = try HostProcess.shell(
            "set -a; . '\(directory("default"))'; exec '\(LivePhjob.binary)' --system catalogue check")
        #expect(result.status == .exited(1))
        #expect(result.errors.text.contains("\(directory("moved.json"))"), "\(result.errors.text)")
        // ExecStart leaves the places to the variables.
        #expect(value("ExecStart") == "@BINARY@ runner run --system")
    }
}
