import PhjobAPI
import PhjobCore

/// A catalogue with a bit of everything.
enum SampleCatalogue {
    static let text = """
        // for tests
        {"schema":1,
         "engine":{"name":"podman","environment":{"CONTAINERS_CONF":"/srv/containers.conf"}},
         "node":{"cpus":7.5,"memory":"30G","gpus":2,"reserve":{"cpus":0.5,"memory":"2G"}},
         "groups":[{"name":"research","displayName":"Research","users":["ada","grace"],"volume":"/srv/research",
                    "jobDefaultActiveDeadlineSeconds":7200},
                   {"name":"teaching","users":["grace"]}],
         "instanceTypes":[{"name":"cpu-1","cpuLimit":1,"memoryLimit":"2G"},
                          {"name":"gpu-1","displayName":"A GPU","description":"for training","cpuLimit":2.5,
                           "memoryLimit":"8G","gpuLimit":1,"groups":["research"]}],
         "images":[{"name":"base","url":"localhost/phjob/base:latest"},
                   {"name":"torch","displayName":"Torch","url":"registry.lab/torch:cpu",
                    "urlForGpu":"registry.lab/torch:gpu","pullPolicy":"always","global":true,"groups":["teaching"]}],
         "datasets":[{"name":"mnist","displayName":"MNIST","path":"/srv/mnist","writable":true},
                     {"name":"secret","path":"/srv/secret","global":false,"groups":["research"]}],
         "defaults":{"group":"research","instanceType":"cpu-1","image":"base"},
         "limits":{"defaultActiveDeadlineSeconds":3600,"allowNoDeadline":true,"stopGraceSeconds":5,
                   "logRetentionSeconds":60,"logMaxSize":"100M","pidsLimit":512,"network":"none"},}
        """

    static let value: JSONValue = {
        guard let value = try? JSONBody.valueWithComments(in: Array(text.utf8)) else { preconditionFailure("not JSON") }
        return value
    }()

    static let catalogue: Catalogue = {
        guard let catalogue = try? CatalogueReader.read(value) else { preconditionFailure("not a catalogue") }
        return catalogue
    }()

    static let capacity = ResourceAmount(cpu: CPUAmount(milli: 7000), memory: MemorySize(bytes: 28 << 30), gpus: 2)
}
