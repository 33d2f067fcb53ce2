import Foundation
import PhjobAPI
import PhjobCore
import PhjobSystem
import PhjobTestSupport
import Testing

/// The volume, datasets and the home directory.
@Suite struct FileTests {
    @Test(arguments: LiveEngine.all) func volume(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            try phjob.directory.write("from the host", to: "volume/input")
            let script = """
                cat /project/lab/input; echo
                readlink "$HOME/lab"
                echo from the job >"$HOME/lab/output"
                mkdir /project/lab/results; echo 1 >/project/lab/results/metrics
                """
            let job = try phjob.end(of: phjob.submit(script))
            #expect(job.phase == .succeeded)
            #expect(try phjob.log(job.id).text == "from the host\n/project/lab\n")
            #expect(try phjob.directory.text("volume/output") == "from the job\n")
            #expect(try phjob.directory.text("volume/results/metrics") == "1\n")
            for name in ["volume/output", "volume/results", "volume/results/metrics"] {
                let status = try #require(phjob.directory.status(name))
                #expect(status.st_uid == geteuid())
                #expect(status.st_gid == getegid())
            }
        }
    }

    @Test(arguments: LiveEngine.all) func groupWithoutAVolume(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { _, catalogue in
            catalogue.volume = nil
        } _: { phjob in
            let job = try phjob.end(of: phjob.submit("ls -A /project 2>/dev/null; ls -A ~; exit 0"))
            #expect(try phjob.log(job.id).text == "datasets\n")
        }
    }

    /// A disk that is mounted below a read-only dataset is read-only too; one that is mounted while the job runs is not
    /// seen. In a volume both are as they are on the host.
    @Test(.enabled(if: HostProcess.isRoot, "mounting needs root"), arguments: LiveEngine.all)
    func disksBelowADataset(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            for name in ["data/disk/inner", "data/later", "volume/disk"] { try Directory.create(phjob.directory(name)) }
            var mounted: [String] = []
            defer { for path in mounted.reversed() { umount2(path, Int32(MNT_DETACH)) } }
            func mount(_ name: String) throws {
                let path = phjob.directory(name)
                try #require(
                    try HostProcess.shell("mount -t tmpfs phjob-test \(path) && mkdir -p -m 777 \(path)/inner")
                        .isSuccess)
                mounted.append(path)
                try phjob.directory.write("old", to: "\(name)/file", mode: 0o666)
            }
            try ["data/disk", "data/disk/inner", "volume/disk"].forEach(mount)
            let script = """
                for file in /datasets/data/disk/file /datasets/data/disk/inner/file /project/lab/disk/file; do
                    if echo new 2>/dev/null >$file; then echo wrote $file; else echo refused $file; fi
                done
                cat /datasets/data/disk/inner/file; echo
                while [ ! -e /project/lab/go ]; do sleep 0.1; done
                ls -A /datasets/data/later; umask
                """
            let id = try phjob.submit(script)
            let first = [
                "refused /datasets/data/disk/file", "refused /datasets/data/disk/inner/file",
                "wrote /project/lab/disk/file", "old",
            ]
            try phjob.wait(forOutput: first.map { "\($0)\n" }.joined(), of: id)
            try mount("data/later")
            try phjob.directory.write("", to: "volume/go")
            try phjob.end(of: id)
            #expect(try phjob.log(id).lines == first + ["0002"])
            #expect(try phjob.directory.text("data/disk/inner/file") == "old")
        }
    }

    @Test(arguments: LiveEngine.all) func datasets(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            try phjob.directory.write("0 1 2", to: "data/digits")
            let script = """
                cat ~/datasets/data/digits; echo
                readlink ~/datasets/data; readlink ~/datasets/writable
                for file in data/digits data/new writable/new; do
                    if echo x 2>/dev/null >/datasets/$file; then echo wrote $file; else echo refused $file; fi
                done
                rm -f /datasets/data/digits 2>/dev/null || echo kept
                mount -o remount,rw /datasets/data 2>/dev/null || echo no mount
                """
            let job = try phjob.end(of: phjob.submit(script))
            let lines = try phjob.log(job.id).lines
            #expect(
                lines == [
                    "0 1 2", "/datasets/data", "/datasets/writable", "refused data/digits", "refused data/new",
                    "wrote writable/new", "kept", "no mount",
                ])
            #expect(try phjob.directory.text("data/digits") == "0 1 2")
            #expect(try phjob.directory.names("data") == ["digits"])
            #expect(try phjob.directory.text("writable/new") == "x\n")
        }
    }

    /// Empty at the start but for the links; gone after the end, whatever the job has made of it.
    @Test(arguments: LiveEngine.all) func home(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let script = """
                pwd; ls -A; ls -A datasets
                mkdir -p a/b/c; echo x >a/b/c/file; chmod 000 a/b; touch "$(printf 'new\\nline')" -- -rf
                mkfifo pipe; i=0; p=deep; while [ $i -lt 60 ]; do p=$p/deep; i=$((i + 1)); done; mkdir -p $p
                """
            let id = try phjob.submit(script + "\necho made; while [ ! -e /project/lab/go ]; do sleep 0.1; done")
            try phjob.wait(forOutput: "made", of: id)
            #expect(try phjob.directory.names("state/jobs/\(id)/home").contains("a"))
            try phjob.directory.write("", to: "volume/go")
            let job = try phjob.end(of: id)
            #expect(job.phase == .succeeded, "\(job.message)")
            #expect(try phjob.log(id).lines == ["/home/jovyan", "datasets", "lab", "data", "writable", "made"])
            try blockUntil("the home is gone") { phjob.directory.status("state/jobs/\(id)/home") == nil }
        }
    }

    /// Links that a job makes lead nowhere outside of its container, neither for itself nor for the clean-up.
    @Test(arguments: LiveEngine.all) func linksToOutside(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { phjob in
            let outside = phjob.directory("outside")
            try phjob.directory.write("precious", to: "outside/file")
            let script = """
                for place in ~ /project/lab; do
                    cd $place
                    ln -s \(outside) link; ln -s \(outside)/file file; ln -s / root; ln -s ../../../../.. up
                    cat link/file file root\(outside)/file up\(outside)/file 2>/dev/null && echo reached
                    rm -rf link/file root\(outside); echo x 2>/dev/null >file && echo wrote
                done
                rmdir ~/datasets 2>/dev/null; rm -rf ~/datasets ~/lab; ln -s \(outside) ~/datasets; ln -s \(outside) ~/lab
                """
            let job = try phjob.end(of: phjob.submit(script))
            #expect(try !phjob.log(job.id).text.contains("reached"))
            #expect(try !phjob.log(job.id).text.contains("precious"))
            try blockUntil("the home is gone") {
                phjob.directory.status("state/jobs/\(job.id)/home") == nil
            }
            #expect(try phjob.directory.text("outside/file") == "precious")
            #expect(try phjob.directory.names("outside") == ["file"])
            // The next job of the group finds links in its volume that are no more than that.
            let next = try phjob.end(of: phjob.submit("cat /project/lab/link/file /project/lab/file"))
            #expect(next.phase == .failed)
            #expect(try !phjob.log(next.id).text.contains("precious"))
        }
    }

    /// A volume that leads elsewhere is refused, also if it was put there after the job was submitted.
    @Test(arguments: LiveEngine.all) func volumeThatLeadsToForbiddenPlaces(_ engine: LiveEngine) async throws {
        try await LivePhjob.with(engine) { _, catalogue in
            catalogue.node["cpus"] = .number(0.5)
            catalogue.datasets = []
        } _: { phjob in
            let volume = phjob.directory("volume")
            // Running jobs keep the volume that was mounted, wherever its name leads later.
            let first = try phjob.submit("while [ ! -e /project/lab/go ]; do sleep 0.1; done")
            let second = try phjob.submit("ls /project/lab")
            try phjob.wait(for: .running, of: first)
            try #require(rename(volume, phjob.directory("moved")) == 0)
            for target in ["/etc", "/", "/proc", phjob.directory("state"), phjob.directory("missing")] {
                try #require(symlink(target, volume) == 0)
                let refused = try phjob("submit", "--", "ls /project/lab")
                #expect(refused.status == 1)
                #expect(refused.errors.contains("the volume of group 'lab', \(volume)"), "\(refused.errors)")
                unlink(volume)
            }
            try #require(symlink("/etc", volume) == 0)
            try phjob.directory.write("", to: "moved/go")
            try phjob.end(of: first)
            let job = try phjob.end(of: second)
            #expect(job.phase == .failed)
            #expect(job.reason == .containerFailed)
            #expect(job.message.contains("would show /etc to jobs"), "\(job.message)")
            #expect(try phjob.log(second).bytes.isEmpty)
            #expect(try phjob.jobs().count == 2)
            // A link to an ordinary directory is an administrator's way to move a volume.
            unlink(volume)
            try #require(symlink(phjob.directory("outside"), volume) == 0)
            #expect(try phjob.end(of: phjob.submit("echo x >/project/lab/file")).phase == .succeeded)
            #expect(try phjob.directory.text("outside/file") == "x\n")
        }
    }
}
