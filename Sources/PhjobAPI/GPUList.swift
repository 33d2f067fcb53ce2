package import PhjobCore

/// The GPUs that this node gives to jobs, and who is on them.
package struct GPUList: Sendable, Equatable, Codable {
    package var items: [Item]
    /// Why nothing certain is known of them, so that none is given out.
    package var problem: String?

    package struct Item: Sendable, Equatable, Codable {
        package var index: Int
        package var uuid: String?
        /// The product.
        package var name: String?
        package var memoryBytes: Int64?
        package var state: State
        /// The job that holds it, if the caller may know.
        package var job: JobID?
        package var userName: String?
        /// Processes on it that phjob did not start.
        package var outsiders: [Outsider]

        package enum State: String, Sendable, Codable {
            case free
            /// A job holds it.
            case inUse
            /// Somebody is on it whom phjob did not start.
            case busyOutside
            /// Nobody can tell; see ``GPUList/problem``.
            case unknown
        }

        /// What it is called in lists of names: by its UUID where it has one.
        package var id: String { uuid ?? "\(index)" }

        package init(
            _ device: GPUSurvey.Device, state: State, job: JobID? = nil, userName: String? = nil
        ) {
            index = device.gpu.index
            uuid = device.gpu.uuid
            name = device.name
            memoryBytes = device.memory?.bytes
            self.state = state
            self.job = job
            self.userName = userName
            outsiders = device.outsiders.map {
                Outsider(pid: $0.pid, userName: $0.userName, processName: $0.processName)
            }
        }
    }

    package struct Outsider: Sendable, Equatable, Codable {
        package var pid: Int32
        package var userName: String?
        package var processName: String

        package init(pid: Int32, userName: String?, processName: String) {
            self.pid = pid
            self.userName = userName
            self.processName = processName
        }
    }

    package init(items: [Item], problem: String? = nil) {
        self.items = items
        self.problem = problem
    }

    /// - Parameters:
    ///   - survey: which GPUs there are.
    ///   - holders: the jobs that hold some.
    ///   - isVisible: whether the caller may know of a job.
    package init(_ survey: GPUSurvey, holders: [Job], isVisible: (Job) -> Bool) {
        items = survey.devices.map { device in
            let holder = holders.first { $0.heldGPUs.contains { $0.isSameDevice(as: device.gpu) } }
            guard let holder else {
                let state: Item.State =
                    survey.problem != nil ? .unknown : device.outsiders.isEmpty ? .free : .busyOutside
                return Item(device, state: state)
            }
            return isVisible(holder)
                ? Item(device, state: .inUse, job: holder.id, userName: holder.spec.user.name)
                : Item(device, state: .inUse)
        }
        problem = survey.problem
    }
}
