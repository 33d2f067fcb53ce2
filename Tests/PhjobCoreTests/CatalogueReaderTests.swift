import Testing

@testable import PhjobCore

struct CatalogueReaderTests {
    static let complete = """
        {"schema":1,
         "engine":{"name":"podman","environment":{"CONTAINERS_CONF":"/srv/containers.conf"}},
         "node":{"cpus":7.5,"memory":"30G","gpus":2,"ignoredGPUProcesses":["Xorg","dcgm-exporter"],
                 "reserve":{"cpus":0.5,"memory":"2G"}},
         "groups":[{"name":"research","displayName":"Research","users":["ada","grace"],"volume":"/srv/research",
                    "jobDefaultActiveDeadlineSeconds":7200},
                   {"name":"teaching","users":["grace"]}],
         "instanceTypes":[{"name":"cpu-1","cpuLimit":1,"memoryLimit":"2G"},
                          {"name":"gpu-1","displayName":"A GPU","description":"for training","cpuLimit":2.5,
                           "memoryLimit":"8G","gpuLimit":1,"groups":["research"]}],
         "images":[{"name":"base","url":"localhost/phjob/base:latest"},
                   {"name":"torch","displayName":"Torch","description":"with CUDA","url":"registry.lab/torch:cpu",
                    "urlForGpu":"registry.lab/torch:gpu","pullPolicy":"always","global":true,"groups":["teaching"]}],
         "datasets":[{"name":"mnist","displayName":"MNIST","path":"/srv/mnist","writable":true},
                     {"name":"secret","path":"/srv/secret","global":false,"groups":["research"]}],
         "defaults":{"group":"research","instanceType":"cpu-1","image":"base"},
         "limits":{"defaultActiveDeadlineSeconds":3600,"allowNoDeadline":true,"stopGraceSeconds":5,
                   "logRetentionSeconds":60,"logMaxSize":"100M","pidsLimit":512,"network":"none"}}
        """

    static func catalogue(_ text: String = complete) throws -> Catalogue {
        try CatalogueReader.read(Sample.json(text))
    }

    private func problems(_ text: String) throws -> [String] {
        let value = try Sample.json(text)
        let problems = #expect(throws: CatalogueReader.Problems.self) { try CatalogueReader.read(value) }
        #expect(problems?.description == problems?.all.map(\.description).joined(separator: "\n"))
        return problems?.all.map(\.description) ?? []
    }

    /// Each of PrimeHub's names and of ours bounds its own thing, for each member or for all together.
    @Test func quotasOfGroups() throws {
        let quotas = """
            "quotaCpu":1.5,"quotaMemory":"2G","quotaGpu":3,"quotaRunningJobs":4,"quotaWaitingJobs":5,
            "projectQuotaCpu":6.5,"projectQuotaMemory":"7G","projectQuotaGpu":8,"projectQuotaRunningJobs":9,
            "projectQuotaWaitingJobs":10
            """
        let text = Self.complete.replacing(#""name":"teaching","#, with: #""name":"teaching",\#(quotas),"#)
        #expect(
            try Self.catalogue(text).group(named: "teaching")?.quotas
                == GroupQuotas(
                    user: Quota(
                        cpu: CPUAmount(milli: 1500), memory: MemorySize(bytes: 2 << 30), gpus: 3, runningJobs: 4,
                        waitingJobs: 5),
                    group: Quota(
                        cpu: CPUAmount(milli: 6500), memory: MemorySize(bytes: 7 << 30), gpus: 8, runningJobs: 9,
                        waitingJobs: 10)))
        #expect(try Self.catalogue().group(named: "teaching")?.quotas == GroupQuotas())
    }

    @Test func everythingGiven() throws {
        let catalogue = try Self.catalogue()
        #expect(
            catalogue.engine
                == .init(choice: .podman, environment: ["CONTAINERS_CONF": "/srv/containers.conf"]))
        #expect(
            catalogue.node
                == .init(
                    cpu: CPUAmount(milli: 7500), memory: MemorySize(bytes: 30 << 30), gpus: 2,
                    reservedCPU: CPUAmount(milli: 500), reservedMemory: MemorySize(bytes: 2 << 30),
                    ignoredGPUProcesses: ["Xorg", "dcgm-exporter"]))
        #expect(
            catalogue.groups == [
                .init(
                    name: "research", displayName: "Research", users: ["ada", "grace"], volume: "/srv/research",
                    jobDefaultActiveDeadlineSeconds: 7200),
                .init(
                    name: "teaching", displayName: "teaching", users: ["grace"], volume: nil,
                    jobDefaultActiveDeadlineSeconds: nil),
            ])
        #expect(
            catalogue.instanceTypes == [
                .init(
                    name: "cpu-1", displayName: "cpu-1", description: nil, cpuLimit: CPUAmount(milli: 1000),
                    memoryLimit: MemorySize(bytes: 2 << 30), gpuLimit: 0, audience: .everybody),
                .init(
                    name: "gpu-1", displayName: "A GPU", description: "for training", cpuLimit: CPUAmount(milli: 2500),
                    memoryLimit: MemorySize(bytes: 8 << 30), gpuLimit: 1, audience: .groups(["research"])),
            ])
        #expect(catalogue.images.map(\.url.text) == ["localhost/phjob/base:latest", "registry.lab/torch:cpu"])
        #expect(catalogue.images.map(\.urlForGpu?.text) == [nil, "registry.lab/torch:gpu"])
        #expect(catalogue.images.map(\.pullPolicy) == [.missing, .always])
        #expect(catalogue.images.map(\.audience) == [.everybody, .everybody])
        #expect(
            catalogue.datasets == [
                .init(name: "mnist", displayName: "MNIST", path: "/srv/mnist", writable: true, audience: .everybody),
                .init(
                    name: "secret", displayName: "secret", path: "/srv/secret", writable: false,
                    audience: .groups(["research"])),
            ])
        #expect(catalogue.defaults == .init(group: "research", instanceType: "cpu-1", image: "base"))
        #expect(
            catalogue.limits
                == .init(
                    defaultActiveDeadlineSeconds: 3600, allowNoDeadline: true, stopGraceSeconds: 5,
                    logRetentionSeconds: 60, logMaxSize: MemorySize(bytes: 100 << 20), pidsLimit: 512, network: "none"))
    }

    @Test func nothingButTheLeast() throws {
        let catalogue = try Self.catalogue(#"{"groups":[]}"#)
        #expect(catalogue.engine == .init(choice: .auto, environment: [:]))
        #expect(catalogue.node.cpu == nil && catalogue.node.memory == nil && catalogue.node.gpus == nil)
        #expect(catalogue.node.reservedCPU.milli == 0 && catalogue.node.reservedMemory.bytes == 0)
        #expect(catalogue.node.ignoredGPUProcesses.isEmpty)
        #expect(catalogue.defaults == .init())
        #expect(
            catalogue.limits
                == .init(
                    defaultActiveDeadlineSeconds: 86_400, allowNoDeadline: false, stopGraceSeconds: 10,
                    logRetentionSeconds: 604_800, logMaxSize: MemorySize(bytes: 1 << 30), pidsLimit: 4096,
                    network: "default"))
    }

    @Test func whoMaySeeWhat() throws {
        let catalogue = try Self.catalogue()
        #expect(catalogue.groups(of: Sample.caller("ada")).map(\.name) == ["research"])
        #expect(catalogue.groups(of: Sample.caller("grace")).map(\.name) == ["research", "teaching"])
        #expect(catalogue.groups(of: Sample.caller("mallory")).isEmpty)
        #expect(catalogue.datasets(of: "research").map(\.name) == ["mnist", "secret"])
        #expect(catalogue.datasets(of: "teaching").map(\.name) == ["mnist"])
        #expect(catalogue.group(named: "teaching")?.users == ["grace"])
        #expect(catalogue.group(named: "none") == nil)
    }

    @Test func allProblemsAtOnce() throws {
        let found = try problems(
            """
            {"schema":2,"colour":"red",
             "engine":{"name":"lxc","environment":{"A-B":"x","C":1}},
             "node":{"cpus":0,"memory":"lots","gpus":-1,"ignoredGPUProcesses":["/usr/bin/X","",7,"Xorg"],"reserve":{"cpus":-1,"memory":-1}},
             "groups":[{"name":"a","users":"ada"},{"name":"a"},{"name":"../b","volume":"srv"},{"users":[1]},7,
                       {"name":5,"jobDefaultActiveDeadlineSeconds":-1},{"name":"c","volume":"/srv/a:b"}],
             "instanceTypes":[{"name":"t"},{"name":"u","cpuLimit":-1,"memoryLimit":"0M","gpuLimit":99999999999999999999},
                              {"name":"v","cpuLimit":1e9,"memoryLimit":"5M","groups":["a","nobody"]},
                              {"name":"w","cpuLimit":0.009,"memoryLimit":"6M"}],
             "images":[{"name":"i"},{"name":"j","url":"-v","pullPolicy":"sometimes"},{"name":"k","url":7,"global":"yes"}],
             "datasets":[{"name":"d"},{"name":"e","path":"/srv/a,b"},{"name":"f","path":"/etc/ssh","writable":1},
                         {"name":"g","path":"/"},{"name":"h","path":"/srv","displayName":"\\u001b[2J"}],
             "defaults":{"group":"z","instanceType":"t","image":7,"dataset":"d"},
             "limits":{"network":"host","pidsLimit":1,"logMaxSize":"1K","stopGraceSeconds":1.5,"extra":true}}
            """)
        let expected = [
            "colour: is not known here", "schema: is 2; it must be at most 1", "engine.environment.C: must be a string",
            "engine.environment: 'A-B' cannot name a variable", "engine.name: 'lxc' is not one of auto, podman, docker",
            "node.cpus: 0.0 is not a number of CPUs", "node.memory: 'lots' is not an amount of memory",
            "node.gpus: is -1; it must be at least 0",
            "node.ignoredGPUProcesses[0]: '/usr/bin/X' is not the name of a program; write it without its path",
            "node.ignoredGPUProcesses[1]: '' is not the name of a program",
            "node.ignoredGPUProcesses[2]: must be a string", "node.reserve.cpus: -1.0 is not a number of CPUs",
            "node.reserve.memory: must be a string, not a number", "groups[0].users: must be a list, not a string",
            "groups[1].name: 'a' is already the name of groups[0]", "groups[2].name: '../b' is not a name",
            "groups[2].volume: the path 'srv' is not absolute", "groups[3].name: is missing",
            "groups[3].users[0]: must be a string", "groups[4]: must be an object, not a number",
            "groups[5].name: must be a string, not a number",
            "groups[5].jobDefaultActiveDeadlineSeconds: is -1; it must be at least 0",
            "groups[6].volume: the path '/srv/a:b' has ':'", "instanceTypes[0].cpuLimit: is missing",
            "instanceTypes[0].memoryLimit: is missing", "instanceTypes[1].cpuLimit: -1.0 is not a number of CPUs",
            "instanceTypes[1].memoryLimit: must be more than nothing",
            "instanceTypes[1].gpuLimit: must be a whole number between 0 and 1024",
            "instanceTypes[2].cpuLimit: 1000000000.0 is not a number of CPUs",
            "instanceTypes[2].memoryLimit: is 5M; the engines need at least 6M",
            "instanceTypes[2].groups[1]: there is no group 'nobody'",
            "instanceTypes[3].cpuLimit: is 0.009; the engines need at least 0.01", "images[0].url: is missing",
            "images[1].url: the image reference '-v' begins with '-'",
            "images[1].pullPolicy: 'sometimes' is not one of missing, always, never",
            "images[2].url: must be a string, not a number", "images[2].global: must be true or false, not a string",
            "datasets[0].path: is missing", "datasets[1].path: the path '/srv/a,b' has ','",
            "datasets[2].path: the path '/etc/ssh' would show /etc to jobs",
            "datasets[2].writable: must be true or false", "datasets[3].path: the path '/' would mount the whole host",
            "datasets[4].displayName: has a control character", "limits.network: 'host' cannot be used",
            "limits.pidsLimit: is 1; it must be at least 16", "limits.logMaxSize: is 1K; it must be at least 64K",
            "limits.stopGraceSeconds: must be a whole number between 0 and 86400", "limits.extra: is not known here",
            "defaults.dataset: is not known here", "defaults.group: there is no entry named 'z'",
            "defaults.image: must be a string, not a number",
        ]
        for beginning in expected {
            #expect(found.contains { $0.hasPrefix(beginning) }, "nothing says '\(beginning)'")
        }
        for problem in found {
            #expect(expected.contains { problem.hasPrefix($0) }, "nobody expected '\(problem)'")
        }
        #expect(found.count == expected.count)
    }

    @Test(arguments: ["[]", "7", "null", "\"{}\""])
    func noObject(_ text: String) throws {
        #expect(try problems(text).first?.hasPrefix("must be an object, not") == true)
    }

    @Test func groupsAreNeeded() throws {
        #expect(try problems("{}") == ["groups: is missing; a job belongs to a group"])
    }

    @Test(arguments: ["/proc", "/run/docker.sock", "/var", "/var/lib/docker/volumes", "/etc", "/dev"])
    func forbiddenRoots(_ path: String) throws {
        let found = try problems(#"{"groups":[{"name":"a","volume":"\#(path)"}]}"#)
        #expect(found.count == 1 && found[0].hasPrefix("groups[0].volume: the path '\(path)' would show /"))
    }

    @Test(arguments: ["host", "container:x", "ns:/proc/1/ns/net", "a b", "", "--privileged", "Bridge"])
    func forbiddenNetworks(_ network: String) throws {
        let found = try problems(#"{"groups":[],"limits":{"network":"\#(network)"}}"#)
        #expect(found.count == 1 && found[0].hasPrefix("limits.network: '\(network)' cannot be used"))
    }

    @Test func proxies() throws {
        let text = #"{"groups":[],"limits":{"proxy":{"http":"http://u:p@h:3128","no":"localhost,.lab.example"}}}"#
        #expect(
            try Self.catalogue(text).limits.proxy
                == ProxySettings(http: "http://u:p@h:3128", no: "localhost,.lab.example"))
        #expect(try Self.catalogue(#"{"groups":[]}"#).limits.proxy == nil)
    }

    /// What is wrong with a proxy is said without repeating it: it may hold a password.
    @Test(arguments: ["h:3128", "http://", "ftp://u:secret@h", "http://u:secret@h 1", #"http://u:secret\n@h"#])
    func wrongProxies(_ url: String) throws {
        let found = try problems(#"{"groups":[],"limits":{"proxy":{"https":"\#(url)"}}}"#)
        #expect(found.count == 1 && found[0].hasPrefix("limits.proxy.https: ") && !found[0].contains("secret"))
    }

    /// Three of one name: each repetition points to the first.
    @Test func repeatedNames() throws {
        let entry = #"{"name":"x","url":"base"}"#
        let found = try problems(#"{"groups":[],"images":[\#(entry),\#(entry),\#(entry)]}"#)
        #expect(
            found == [
                "images[1].name: 'x' is already the name of images[0]",
                "images[2].name: 'x' is already the name of images[0]",
            ])
    }

    @Test func oneNameMayStandInSeveralLists() throws {
        let text = """
            {"groups":[{"name":"x"}],"images":[{"name":"x","url":"base"}],"datasets":[{"name":"x","path":"/srv/x"}]}
            """
        #expect(try Self.catalogue(text).images.map(\.name) == ["x"])
    }
}
