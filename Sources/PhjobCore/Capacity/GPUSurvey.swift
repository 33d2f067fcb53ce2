/// Which GPUs this node gives to jobs, and who is on them that phjob did not start.
package struct GPUSurvey: Sendable, Equatable {
    package struct Device: Sendable, Equatable {
        package let gpu: GPU
        /// The product; nil where only the number of GPUs is known.
        package let name: String?
        package let memory: MemorySize?
        package let outsiders: [Outsider]

        package init(gpu: GPU, name: String? = nil, memory: MemorySize? = nil, outsiders: [Outsider] = []) {
            self.gpu = gpu
            self.name = name
            self.memory = memory
            self.outsiders = outsiders
        }
    }

    /// A process on a GPU that belongs to no job.
    package struct Outsider: Sendable, Equatable {
        package let pid: Int32
        package let userName: String?
        package let processName: String

        package init(pid: Int32, userName: String?, processName: String) {
            self.pid = pid
            self.userName = userName
            self.processName = processName
        }
    }

    package private(set) var devices: [Device]
    /// Why nothing is known of the GPUs now, so that none may be given out.
    package private(set) var problem: String?

    package init(devices: [Device], problem: String? = nil) {
        self.devices = devices
        self.problem = problem
    }

    /// What a reading means.
    ///
    /// - Parameters:
    ///   - processes: those of the reading that have not ended.
    ///   - limit: how many GPUs the catalogue gives to jobs; nil for all.
    ///   - ignoredNames: programs of root's that may be on any GPU.
    ///   - ours: the first processes of the containers of jobs. What descends from them belongs to phjob.
    ///   - unclear: GPUs held by jobs whose first process is not known, as while they are launched. Processes on them are
    ///     taken to be those jobs' own; the GPUs are not to be given out anyway.
    package init(
        _ reading: GPUReading, processes: [GPUProcess], limit: Int?, ignoredNames: Set<String>,
        ours: Set<ContainerIdentity.ProcessIdentity>, unclear: [GPU]
    ) {
        let unclearUUIDs = reading.devices.map(\.gpu).filter { gpu in
            unclear.contains { $0.isSameDevice(as: gpu) }
        }.compactMap(\.uuid)
        let outsiders = processes.filter { process in
            !process.isOne(of: ignoredNames) && !unclearUUIDs.contains(process.uuid)
                && !process.lineage.contains { ours.contains($0) }
        }
        let sorted = reading.devices.sorted { $0.gpu.index < $1.gpu.index }
        devices = sorted.prefix(limit ?? sorted.count).map { device in
            let own = outsiders.filter { $0.uuid == device.gpu.uuid }.map {
                Outsider(pid: $0.pid, userName: $0.userName, processName: $0.program?.name ?? "unknown program")
            }
            return Device(gpu: device.gpu, name: device.name, memory: device.memory, outsiders: own)
        }
    }

    /// The same GPUs, of which nothing is known any more.
    package func failing(because problem: String) -> GPUSurvey {
        GPUSurvey(
            devices: devices.map { Device(gpu: $0.gpu, name: $0.name, memory: $0.memory) }, problem: problem)
    }

    package func device(of gpu: GPU) -> Device? { devices.first { $0.gpu.isSameDevice(as: gpu) } }

    /// The GPUs that a job may get unless another one holds them.
    package var usable: [GPU] {
        problem == nil ? devices.filter(\.outsiders.isEmpty).map(\.gpu) : []
    }

    /// Why GPUs that no job holds may not be given out: `1 busy outside phjob (pid 4242, ana)`; nil if all of them may.
    ///
    /// - Parameter held: the GPUs that jobs hold.
    package func obstacle(besides held: [GPU]) -> String? {
        if let problem { return problem }
        let busy = devices.filter { device in
            !device.outsiders.isEmpty && !held.contains { $0.isSameDevice(as: device.gpu) }
        }
        guard !busy.isEmpty else { return nil }
        // Who is on several GPUs is named once.
        var people: [String] = []
        for outsider in busy.flatMap(\.outsiders) {
            let words = "pid \(outsider.pid), \(outsider.userName ?? "unknown user")"
            if !people.contains(words) { people.append(words) }
        }
        let more = people.count > 3 ? "; and \(people.count - 3) more" : ""
        return "\(busy.count) busy outside phjob (\(people.prefix(3).joined(separator: "; "))\(more))"
    }
}
