/// Answers of podman 4.3.1 and of docker (client 28.2.2, daemon 20.10.24) as they were recorded.
///
/// Cut down to the members that phjob reads and a few more, with a job's name in place of the recorded containers'.
enum Recorded {
    /// `podman info --format=json`, as root on cgroup v1.
    static let podmanInfo = #"""
        {"host":{"conmon":{"package":"conmon_2.1.6+ds1-1_amd64","path":"/usr/bin/conmon"},
        "arch":"amd64","cgroupVersion":"v1","cgroupControllers":["cpuset","cpu","cpuacct","blkio",
        "memory","devices","freezer","pids"],"security":{"apparmorEnabled":false,
        "rootless":false,"seccompEnabled":true,"seccompProfilePath":"/usr/share/containers/seccomp.json",
        "selinuxEnabled":false}},"store":{"configFile":"/usr/share/containers/storage.conf",
        "graphDriverName":"overlay","graphOptions":{},"graphRoot":"/var/lib/containers/storage"},
        "version":{"APIVersion":"4.3.1","Version":"4.3.1","GoVersion":"go1.19.8"}}
        """#

    /// `docker info --format={{json .}}`.
    static let dockerInfo = #"""
        {"Containers":1,"Driver":"overlay2","MemoryLimit":true,"SwapLimit":true,"CpuCfsPeriod":true,
        "CpuCfsQuota":true,"PidsLimit":true,"NCPU":2,"CgroupDriver":"cgroupfs","CgroupVersion":"1",
        "ServerVersion":"20.10.24+dfsg1","SecurityOptions":["name=seccomp,profile=default"],
        "DockerRootDir":"/var/lib/docker","Warnings":null}
        """#

    /// The same where no daemon answers.
    static let dockerInfoWithoutDaemon = #"""
        {"Containers":0,"Driver":"","MemoryLimit":false,"SwapLimit":false,"CpuCfsPeriod":false,
        "CpuCfsQuota":false,"PidsLimit":false,"CgroupDriver":"","ServerVersion":"","SecurityOptions":null,
        "Warnings":null}
        """#

    /// Made and not started.
    static let podmanCreated = #"""
        [{"Id":"cf206ed80a4cca8efbdd48ad800465d38770efca860ee48d181e1cd0fa059a5e",
        "Created":"2026-11-21T08:13:24.078729012Z","State":{"OciVersion":"1.0.2-dev","Status":"created",
        "Running":false,"OOMKilled":false,"Pid":0,"ExitCode":0,"Error":"","StartedAt":"0001-01-01T00:00:00Z",
        "FinishedAt":"0001-01-01T00:00:00Z","Health":{"Status":"","FailingStreak":0,"Log":null}},
        "Name":"phjob-job-202611210800-aaaaaa","RestartCount":0,
        "Config":{"Labels":{"phjob.inputs":"5c7d15",
        "phjob.job":"job-202611210800-aaaaaa","phjob.state":"s1"}}}]
        """#

    /// `sleep 300`.
    static let podmanRunning = #"""
        [{"Id":"70471691fb9cc3b7959c65f18bf0a0f6fb4cbed773460909f034c4b98672c1da",
        "Created":"2026-11-21T08:13:24.121807746Z","State":{"OciVersion":"1.0.2-dev","Status":"running",
        "Running":true,"OOMKilled":false,"Pid":24754,"ExitCode":0,"Error":"",
        "StartedAt":"2026-11-21T08:13:24.195582408Z","FinishedAt":"0001-01-01T00:00:00Z","Health":{"Status":"",
        "FailingStreak":0,"Log":null}},"Name":"phjob-job-202611210800-aaaaaa","RestartCount":0,
        "Config":{"Labels":{"phjob.inputs":"5c7d15",
        "phjob.job":"job-202611210800-aaaaaa","phjob.state":"s1"}}}]
        """#

    /// `true`.
    static let podmanExitedWithZero = #"""
        [{"Id":"3357990bd2e9dcbb4a66698b614a39cfe0595ac01b9828253fb1a7a36658d210",
        "Created":"2026-11-21T08:13:24.226219899Z","State":{"OciVersion":"1.0.2-dev","Status":"exited",
        "Running":false,"OOMKilled":false,"Pid":0,"ExitCode":0,"Error":"",
        "StartedAt":"2026-11-21T08:13:24.299836881Z","FinishedAt":"2026-11-21T08:13:24.300584484Z",
        "Health":{"Status":"","FailingStreak":0,"Log":null}},"Name":"phjob-job-202611210800-aaaaaa",
        "RestartCount":0,
        "Config":{"Labels":{"phjob.inputs":"5c7d15",
        "phjob.job":"job-202611210800-aaaaaa","phjob.state":"s1"}}}]
        """#

    /// `exit 7`.
    static let podmanExitedWithSeven = #"""
        [{"Id":"d0f5e8bed87063ee6b4b26d95632ca443ed81c2877b44e607e126671cc8848e2",
        "Created":"2026-11-21T08:13:24.395539937Z","State":{"OciVersion":"1.0.2-dev","Status":"exited",
        "Running":false,"OOMKilled":false,"Pid":0,"ExitCode":7,"Error":"",
        "StartedAt":"2026-11-21T08:13:24.476081346Z","FinishedAt":"2026-11-21T08:13:24.47697618Z",
        "Health":{"Status":"","FailingStreak":0,"Log":null}},"Name":"phjob-job-202611210800-aaaaaa",
        "RestartCount":0,
        "Config":{"Labels":{"phjob.inputs":"5c7d15",
        "phjob.job":"job-202611210800-aaaaaa","phjob.state":"s1"}}}]
        """#

    /// A start that failed: the image has no such program.
    static let podmanStartFailed = #"""
        [{"Id":"247985874c715e5e8cdc569d84b5aff1eb4dbba7387861db1dfaf4970df2dd88",
        "Created":"2026-11-21T08:14:43.941600494Z","State":{"OciVersion":"1.0.2-dev","Status":"created",
        "Running":false,"OOMKilled":false,"Pid":0,"ExitCode":0,"Error":"","StartedAt":"0001-01-01T00:00:00Z",
        "FinishedAt":"0001-01-01T00:00:00Z","Health":{"Status":"","FailingStreak":0,"Log":null}},
        "Name":"phjob-job-202611210800-aaaaaa","RestartCount":0,
        "Config":{"Labels":{"phjob.inputs":"5c7d15",
        "phjob.job":"job-202611210800-aaaaaa","phjob.state":"s1"}}}]
        """#

    /// 200 MB under a limit of 16 MB: killed by the kernel.
    static let podmanOutOfMemory = #"""
        [{"Id":"060a8a51beb3dd10546e78146597c529044626213db52afb43dfda635f83257b",
        "Created":"2026-11-21T08:13:24.676900576Z","State":{"OciVersion":"1.0.2-dev","Status":"exited",
        "Running":false,"OOMKilled":false,"Pid":0,"ExitCode":137,"Error":"",
        "StartedAt":"2026-11-21T08:13:24.751926853Z","FinishedAt":"2026-11-21T08:13:24.780584505Z",
        "Health":{"Status":"","FailingStreak":0,"Log":null}},"Name":"phjob-job-202611210800-aaaaaa",
        "RestartCount":0,
        "Config":{"Labels":{"phjob.inputs":"5c7d15",
        "phjob.job":"job-202611210800-aaaaaa","phjob.state":"s1"}}}]
        """#

    /// `sleep 300` with podman's own `--timeout=1`.
    static let podmanTimedOut = #"""
        [{"Id":"b5e122b31c0317557ca450149e7d72bd0e14ffea610aec148d038bc4ca6d2e5e",
        "Created":"2026-11-21T08:13:24.783596674Z","State":{"OciVersion":"1.0.2-dev","Status":"exited",
        "Running":false,"OOMKilled":false,"Pid":0,"ExitCode":-1,"Error":"",
        "StartedAt":"2026-11-21T08:13:24.880586244Z","FinishedAt":"2026-11-21T08:13:26.168584564Z",
        "Health":{"Status":"","FailingStreak":0,"Log":null}},"Name":"phjob-job-202611210800-aaaaaa",
        "RestartCount":0,
        "Config":{"Labels":{"phjob.inputs":"5c7d15",
        "phjob.job":"job-202611210800-aaaaaa","phjob.state":"s1"}}}]
        """#

    /// Made and not started.
    static let dockerCreated = #"""
        [{"Id":"4775cfdab6a5fe217c1f08f848a23951d04aa1f2823341bfdc9303bc2a457d2b",
        "Created":"2026-11-21T08:13:28.601128189Z","State":{"Status":"created","Running":false,
        "OOMKilled":false,"Pid":0,"ExitCode":0,"Error":"","StartedAt":"0001-01-01T00:00:00Z",
        "FinishedAt":"0001-01-01T00:00:00Z"},"Name":"/phjob-job-202611210800-aaaaaa","RestartCount":0,
        "Config":{"Labels":{"phjob.inputs":"5c7d15",
        "phjob.job":"job-202611210800-aaaaaa","phjob.state":"s1"}}}]
        """#

    /// `sleep 300`.
    static let dockerRunning = #"""
        [{"Id":"aab5cf2e9f1cf81bb58d7f07ea27b288afded1b7fd63ed4f070c4f060daee3a4",
        "Created":"2026-11-21T08:13:28.682762964Z","State":{"Status":"running","Running":true,"OOMKilled":false,
        "Pid":25231,"ExitCode":0,"Error":"","StartedAt":"2026-11-21T08:13:28.966613449Z",
        "FinishedAt":"0001-01-01T00:00:00Z"},"Name":"/phjob-job-202611210800-aaaaaa","RestartCount":0,
        "Config":{"Labels":{"phjob.inputs":"5c7d15",
        "phjob.job":"job-202611210800-aaaaaa","phjob.state":"s1"}}}]
        """#

    /// `true`.
    static let dockerExitedWithZero = #"""
        [{"Id":"fefac963e931d165611e26599e66288ba3e3a5b5f15b06a21416031d33b93049",
        "Created":"2026-11-21T08:13:28.993024841Z","State":{"Status":"exited","Running":false,"OOMKilled":false,
        "Pid":0,"ExitCode":0,"Error":"","StartedAt":"2026-11-21T08:13:29.202094379Z",
        "FinishedAt":"2026-11-21T08:13:29.205016055Z"},"Name":"/phjob-job-202611210800-aaaaaa","RestartCount":0,
        "Config":{"Labels":{"phjob.inputs":"5c7d15",
        "phjob.job":"job-202611210800-aaaaaa","phjob.state":"s1"}}}]
        """#

    /// `exit 7`.
    static let dockerExitedWithSeven = #"""
        [{"Id":"7a2f6de56061e10fdd340b42dda0699b7f062b47f4fc1c77a308b86c80e19ffb",
        "Created":"2026-11-21T08:13:29.238269726Z","State":{"Status":"exited","Running":false,"OOMKilled":false,
        "Pid":0,"ExitCode":7,"Error":"","StartedAt":"2026-11-21T08:13:29.432269875Z",
        "FinishedAt":"2026-11-21T08:13:29.437267145Z"},"Name":"/phjob-job-202611210800-aaaaaa","RestartCount":0,
        "Config":{"Labels":{"phjob.inputs":"5c7d15",
        "phjob.job":"job-202611210800-aaaaaa","phjob.state":"s1"}}}]
        """#

    /// A start that failed: the image has no such program.
    static let dockerStartFailed = #"""
        [{"Id":"1e1047c5d8e3ce683ffb88492b0395d5a77f930feb83f493b814ce55bce65405",
        "Created":"2026-11-21T08:14:44.184211057Z","State":{"Status":"created","Running":false,
        "OOMKilled":false,"Pid":0,"ExitCode":127,
        "Error":"failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"/no/such\": stat /no/such: no such file or directory: unknown",
        "StartedAt":"0001-01-01T00:00:00Z","FinishedAt":"0001-01-01T00:00:00Z"},
        "Name":"/phjob-job-202611210800-aaaaaa","RestartCount":0,
        "Config":{"Labels":{"phjob.inputs":"5c7d15",
        "phjob.job":"job-202611210800-aaaaaa","phjob.state":"s1"}}}]
        """#

    /// 200 MB under a limit of 16 MB: killed by the kernel.
    static let dockerOutOfMemory = #"""
        [{"Id":"2dcb6301f6c83f9fa5025d249208a61556e95b0f90dd44e1de2dc0f75747f279",
        "Created":"2026-11-21T08:13:29.709261801Z","State":{"Status":"exited","Running":false,"OOMKilled":true,
        "Pid":0,"ExitCode":137,"Error":"","StartedAt":"2026-11-21T08:13:29.938491362Z",
        "FinishedAt":"2026-11-21T08:13:29.95634693Z"},"Name":"/phjob-job-202611210800-aaaaaa","RestartCount":0,
        "Config":{"Labels":{"phjob.inputs":"5c7d15",
        "phjob.job":"job-202611210800-aaaaaa","phjob.state":"s1"}}}]
        """#
}
