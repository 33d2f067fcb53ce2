package import PhjobCore

/// `/etc/passwd` and `/etc/group` of a job's container: the image's, with the submitter before all others.
///
/// The first entry of a uid is the one that getpwuid(3) finds, so `whoami` tells the submitter even where the image has a
/// user of the same number.
package enum AccountFiles {
    /// - Parameter image: the image's own file; empty if it has none.
    package static func passwd(of user: JobSpec.User, image: String) -> String {
        let shell = "/bin/sh"
        let own =
            "\(field(user.name)):x:\(user.uid):\(user.gid):\(field(user.name)):\(ContainerRequest.Place.home):\(shell)"
        return merged(own, with: image, fallback: "root:x:0:0:root:/root:/bin/sh")
    }

    /// - Parameter shared: the group that the job's processes are in beside the user's own.
    package static func group(
        of user: JobSpec.User, shared: (name: String, id: UInt32)? = nil, image: String
    ) -> String {
        var others = image
        if let shared, shared.id != user.gid, shared.name != user.name {
            others = merged("\(shared.name):x:\(shared.id):\(field(user.name))", with: image, fallback: "root:x:0:")
        }
        return merged("\(field(user.name)):x:\(user.gid):", with: others, fallback: "root:x:0:")
    }

    private static func merged(_ own: String, with image: String, fallback: String) -> String {
        let name = own.prefix { $0 != ":" }
        var others = image.split(whereSeparator: \.isNewline).filter {
            $0.contains(":") && $0.prefix { $0 != ":" } != name
        }
        if others.isEmpty, name != "root" { others = [fallback[...]] }
        return ([own[...]] + others).joined(separator: "\n") + "\n"
    }

    /// A name with what would end a field or a line left out (passwd(5)).
    private static func field(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.filter { $0 != ":" && TerminalText.isPlain($0) }))
    }
}
