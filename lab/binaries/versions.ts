/** The control plane's programs, where their official releases are, and how to build them from their Go modules. */

export type BinaryName = "etcd" | "kube-apiserver" | "kube-controller-manager";

export interface Source {
    version: string;
    /** Whether one found on PATH will do; `version` is the first version number that it prints. */
    accepts(version: string): boolean;
    accepted: string;
    /** Names printed versions "Kubernetes v1.36.3" and "etcd Version: 3.6.16". */
    versionArgs: string[];
    /** The folder below this one that holds the go.mod. */
    module: string;
    package: string;
    ldflags: string;
}

export const KUBERNETES_VERSION = "1.36.3";
export const ETCD_VERSION = "3.6.16";

const VERSION_PACKAGE = "k8s.io/component-base/version";

function kubernetes(name: BinaryName): Source {
    const [major, minor] = KUBERNETES_VERSION.split(".");
    const flags = [`gitVersion=v${KUBERNETES_VERSION}`, `gitMajor=${major}`, `gitMinor=${minor}`];
    return {
        version: KUBERNETES_VERSION,
        accepts: (version) => version.startsWith(`${major}.${minor}.`),
        accepted: `${major}.${minor}`,
        versionArgs: ["--version"],
        module: "kubernetes",
        package: `k8s.io/kubernetes/cmd/${name}`,
        ldflags: ["-s -w", ...flags.map((flag) => `-X ${VERSION_PACKAGE}.${flag}`)].join(" "),
    };
}

export const SOURCES: Record<BinaryName, Source> = {
    etcd: {
        version: ETCD_VERSION,
        accepts: (version) => /^3\.[56]\./.test(version),
        accepted: "3.5 or 3.6",
        versionArgs: ["--version"],
        module: "etcd",
        package: "go.etcd.io/etcd/server/v3",
        ldflags: "-s -w",
    },
    "kube-apiserver": kubernetes("kube-apiserver"),
    "kube-controller-manager": kubernetes("kube-controller-manager"),
};
