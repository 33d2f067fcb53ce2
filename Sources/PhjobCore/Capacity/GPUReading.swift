/// What `nvidia-smi` tells of this node's GPUs and of the processes on them.
package struct GPUReading: Sendable, Equatable {
    package struct Device: Sendable, Equatable {
        package let gpu: GPU
        /// The product, such as `NVIDIA A100-SXM4-80GB`.
        package let name: String
        /// Nil where the driver does not tell.
        package let memory: MemorySize?

        package init(gpu: GPU, name: String, memory: MemorySize?) {
            self.gpu = gpu
            self.name = name
            self.memory = memory
        }
    }

    /// A process that computes on a GPU.
    package struct Process: Sendable, Equatable {
        package let uuid: String
        /// As this host counts processes.
        package let pid: Int32

        package init(uuid: String, pid: Int32) {
            self.uuid = uuid
            self.pid = pid
        }
    }

    package let devices: [Device]
    package let processes: [Process]

    package init(devices: [Device], processes: [Process]) {
        self.devices = devices
        self.processes = processes
    }
}
