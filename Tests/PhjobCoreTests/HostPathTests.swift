import PhjobCore
import Testing

struct HostPathTests {
    @Test(arguments: [
        "/srv", "/srv/data", "/srv//data/", "/srv/my data", "/srv/ünï", "/srv/..data", "/srv/a.b", "/srv/'q'",
    ])
    func good(_ path: String) {
        #expect(HostPath.problem(in: path) == nil)
    }

    @Test(arguments: [
        ("", "is not absolute"), ("srv", "is not absolute"), ("./srv", "is not absolute"), ("~/x", "is not absolute"),
        ("/", "would mount the whole host"), ("/srv/a:b", "has ':'"), ("/srv/a,b", "has ','"),
        ("/srv/a\"b", "has '\"'"),
        ("/srv/a\\b", "has '\\'"), ("/srv/a\nb", "has '\\n'"), ("/srv/a\u{0}b", "has '\\x00'"),
        ("/srv/\u{1b}[2J", "has '\\x1b'"), ("/srv/\u{202e}", "has '\\u{202e}'"), ("/srv/../etc", "'.' or '..'"),
        ("/srv/.", "'.' or '..'"), ("/..", "'.' or '..'"), ("/srv/..\u{2f}\u{301}x", "'.' or '..'"),
        ("/" + String(repeating: "a", count: 4096), "longer than 4096 bytes"),
        ("/srv/a,dst=/etc,src=/etc", "has ','"),
    ])
    func bad(_ path: String, words: String) {
        let problem = HostPath.problem(in: path)
        #expect(problem?.contains(words) == true, "\(problem ?? "no problem")")
    }

    @Test(arguments: [
        ("/srv", "/srv", true), ("/srv/", "/srv", true), ("/srv/a", "/srv", true), ("/srv", "/srv/a", true),
        ("//srv//a", "/srv/a/b", true), ("/srv2", "/srv", false), ("/srv/a", "/srv/b", false), ("/a", "/b", false),
        ("//", "/proc", true), ("/proc/\u{301}x", "/proc", true),
    ])
    func overlap(_ path: String, _ other: String, expected: Bool) {
        #expect(HostPath.overlap(path, other) == expected)
        #expect(HostPath.overlap(other, path) == expected)
    }

    @Test(arguments: [
        "/proc/1", "/sys/fs", "/dev/shm", "/run/docker.sock", "/var", "/var/lib", "/etc/ssh", "/var/lib/docker/x",
    ])
    func forbidden(_ path: String) {
        #expect(HostPath.forbiddenRoots.contains { HostPath.overlap(path, $0) })
    }

    @Test(arguments: ["/home/ada", "/srv/data", "/mnt/x", "/var/data", "/opt", "/tmp/x"])
    func allowed(_ path: String) {
        #expect(!HostPath.forbiddenRoots.contains { HostPath.overlap(path, $0) })
    }
}
