package import PhjobCore

/// What a user and their groups may have, have now, and have had.
package struct QuotaView: Sendable, Equatable, Codable {
    /// The days that ``Row/past`` goes back.
    package var days: Int
    package var groups: [Group]

    package struct Group: Sendable, Equatable, Codable {
        package var groupName: String
        package var displayName: String
        /// The caller in this group.
        package var user: Row
        /// All of its members together.
        package var group: Row
    }

    package struct Row: Sendable, Equatable, Codable {
        /// What may be had at a time; what is missing has no bound.
        package var limit: Limit
        package var now: Now
        package var past: Past

        package init(limit: Limit, now: Now, past: Past) {
            self.limit = limit
            self.now = now
            self.past = past
        }
    }

    package struct Limit: Sendable, Equatable, Codable {
        package var cpus: CPUAmount?
        package var memoryBytes: Int64?
        package var gpus: Int?
        package var runningJobs: Int?
        package var waitingJobs: Int?

        package init(_ quota: Quota) {
            cpus = quota.cpu
            memoryBytes = quota.memory?.bytes
            gpus = quota.gpus
            runningJobs = quota.runningJobs
            waitingJobs = quota.waitingJobs
        }
    }

    package struct Now: Sendable, Equatable, Codable {
        package var cpus: Double
        package var memoryBytes: Int64
        package var gpus: Int
        package var runningJobs: Int
        package var waitingJobs: Int

        package init(_ use: Quota.Use, waitingJobs: Int) {
            cpus = Double(use.amount.cpu.milli) / 1000
            memoryBytes = use.amount.memory.bytes
            gpus = use.amount.gpus
            runningJobs = use.runningJobs
            self.waitingJobs = waitingJobs
        }
    }

    /// Instance types times the hours that jobs had them.
    package struct Past: Sendable, Equatable, Codable {
        package var jobs: Int
        package var cpuHours: Double
        package var memoryGiBHours: Double
        package var gpuHours: Double

        package init(_ total: UsageTotal) {
            let hours = { (seconds: Double) in (seconds / 3600 * 1000).rounded() / 1000 }
            jobs = total.jobs
            cpuHours = hours(total.cpuSeconds)
            memoryGiBHours = hours(total.memoryGiBSeconds)
            gpuHours = hours(total.gpuSeconds)
        }
    }

    package init(days: Int, groups: [Group]) {
        self.days = days
        self.groups = groups
    }
}

extension QuotaView.Group {
    package init(_ group: Catalogue.Group, user: QuotaView.Row, all: QuotaView.Row) {
        self.init(groupName: group.name, displayName: group.displayName, user: user, group: all)
    }
}
