import Testing

@testable import PhjobEngine

struct ImageVolumesTests {
    @Test(
        arguments: [
            (["/data", "/", "/project", "/home", "/home/jovyan", "/tmp"], []),
            (["/project/lab", "/project/lab/cache"], ["/project/lab", "/project/lab/cache"]),
            (["/home/jovyan//work/./", "/home/jovyan/x/../work"], ["/home/jovyan/work"]),
            (["project/lab", "/datasets/../project/a"], ["/project/a", "/project/lab"]),
            (["/project/lab/\u{301}x"], ["/project/lab/\u{301}x"]),
            (["/home/jovyan2/a", "/tmpx/a", "/tmp/a", "/var/tmp/b"], ["/tmp/a", "/var/tmp/b"]),
        ])
    func relevant(_ declared: [String], expected: [String]) { #expect(ImageVolumes.relevant(declared) == expected) }

    @Test func manyAreCut() {
        let declared = (0..<1000).map { "/tmp/\($0)" }
        #expect(ImageVolumes.relevant(declared).count == ImageVolumes.limit + 1)
    }

    /// The nearest mount above is the one that would be hidden; what a mount is at itself is not.
    @Test func hidden() {
        let home = ContainerRequest.Mount("/s/home", at: "/home/jovyan")
        let data = ContainerRequest.Mount("/s/data", at: "/datasets/a", isReadOnly: true)
        let volume = ContainerRequest.Mount("/s/lab", at: "/project/lab")
        let within = ContainerRequest.Mount("/s/other", at: "/project/lab/in")
        let found = ImageVolumes.hidden(
            [
                "/datasets/a/x", "/datasets/b", "/home/jovyan", "/home/jovyan/w", "/project/lab/in/y/z",
                "/project/lab/in", "/project/laboratory/x",
            ], by: [home, data, volume, within])
        #expect(
            found == [
                .init(mount: data, path: "x", target: "/datasets/a/x"),
                .init(mount: home, path: "w", target: "/home/jovyan/w"),
                .init(mount: within, path: "y/z", target: "/project/lab/in/y/z"),
            ])
    }
}
