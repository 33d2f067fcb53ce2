/// Commands under one word: `image list`; the root of a program is one too.
package struct CommandGroup<Context>: Sendable {
    /// Commands under one heading of the group's help.
    package struct Section: Sendable {
        let heading: String?
        let nodes: [CommandNode<Context>]

        /// Commands under a heading.
        package init(_ heading: String?, _ nodes: [CommandNode<Context>]) {
            self.heading = heading
            self.nodes = nodes
        }
    }

    let info: CommandInfo
    let sections: [Section]

    /// A group whose help lists its commands under headings.
    package init(_ info: CommandInfo, sections: [Section]) {
        self.info = info
        self.sections = sections
    }

    /// A group whose help needs no headings.
    package init(_ info: CommandInfo, _ nodes: [CommandNode<Context>]) {
        self.init(info, sections: [Section(nil, nodes)])
    }

    /// The whole description.
    package func describe() -> CommandInfo {
        var result = info
        result.arguments = [.help]
        result.subcommands = sections.flatMap { section in
            section.nodes.map { node in
                var child = node.describe()
                child.heading = section.heading
                return child
            }
        }
        return result
    }

    /// The node that a typed word names.
    func child(named word: String) -> CommandNode<Context>? {
        for section in sections {
            for node in section.nodes where node.declaration.words.contains(word) {
                return node
            }
        }
        return nil
    }
}
