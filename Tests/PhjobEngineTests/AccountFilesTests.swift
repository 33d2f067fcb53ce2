import PhjobCore
import Testing

@testable import PhjobEngine

struct AccountFilesTests {
    private static let ada = JobSpec.User(name: "ada", uid: 1000, gid: 100)

    @Test func theSubmitterStandsFirst() {
        let image = "root:x:0:0:root:/root:/bin/bash\njovyan:x:1000:1000::/home/jovyan:/bin/bash\n"
        #expect(
            AccountFiles.passwd(of: Self.ada, image: image)
                == "ada:x:1000:100:ada:/home/jovyan:/bin/sh\n" + image)
        #expect(
            AccountFiles.group(of: Self.ada, image: "root:x:0:\nusers:x:100:jovyan\n")
                == "ada:x:100:\nroot:x:0:\nusers:x:100:jovyan\n")
    }

    @Test(arguments: ["", "\n\n", "garbage\n", "\u{1b}[2J"])
    func anImageWithoutAccounts(_ image: String) {
        #expect(
            AccountFiles.passwd(of: Self.ada, image: image)
                == "ada:x:1000:100:ada:/home/jovyan:/bin/sh\nroot:x:0:0:root:/root:/bin/sh\n")
        #expect(AccountFiles.group(of: Self.ada, image: image) == "ada:x:100:\nroot:x:0:\n")
    }

    @Test func theGroupsOwnGroup() {
        let image = "root:x:0:\nlab:x:5:\n"
        let group = { (shared: (name: String, id: UInt32)) in
            AccountFiles.group(of: Self.ada, shared: shared, image: image)
        }
        #expect(group(("lab", 2000)) == "ada:x:100:\nlab:x:2000:ada\nroot:x:0:\n")
        // Their own group already, or of their own name: one entry of each will do.
        #expect(group(("lab", 100)) == "ada:x:100:\nroot:x:0:\nlab:x:5:\n")
        #expect(group(("ada", 2000)) == "ada:x:100:\nroot:x:0:\nlab:x:5:\n")
    }

    @Test func aNameOfTheImageGivesWay() {
        let image = "root:x:0:0::/:/bin/sh\nada:x:5:5::/:/bin/sh\nadam:x:6:6::/:/bin/sh"
        #expect(
            AccountFiles.passwd(of: Self.ada, image: image)
                == "ada:x:1000:100:ada:/home/jovyan:/bin/sh\nroot:x:0:0::/:/bin/sh\nadam:x:6:6::/:/bin/sh\n")
    }

    @Test func root() {
        let root = JobSpec.User(name: "root", uid: 0, gid: 0)
        #expect(
            AccountFiles.passwd(of: root, image: "root:x:0:0:root:/root:/bin/bash\n")
                == "root:x:0:0:root:/home/jovyan:/bin/sh\n")
        #expect(AccountFiles.group(of: root, image: "") == "root:x:0:\n")
    }

    @Test func aNameCannotEndItsFieldOrLine() {
        let user = JobSpec.User(name: "a:0:0\nroot2:x:0:0\r\n:\u{301}x", uid: 1000, gid: 100)
        let passwd = AccountFiles.passwd(of: user, image: "")
        let lines = passwd.unicodeScalars.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].count(where: { $0 == ":" }) == 6)
    }

    @Test func linesThatEndAsOnWindows() {
        let image = "root:x:0:0::/:/bin/sh\r\nbin:x:1:1::/:/bin/sh\r\n"
        #expect(AccountFiles.passwd(of: Self.ada, image: image).split(separator: "\n").count == 3)
        #expect(!AccountFiles.passwd(of: Self.ada, image: image).utf8.contains(UInt8(ascii: "\r")))
    }
}
