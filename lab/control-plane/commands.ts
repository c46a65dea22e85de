import { join } from "node:path";
import type { Paths } from "../state";
import type { ControlPlaneFiles } from "./files";

/** How the control plane's programs are started: on loopback only, and in a hurry, since nothing here must last. */

export interface Ports {
    etcd: number;
    etcdPeer: number;
    apiserver: number;
}

const LOOPBACK = "127.0.0.1";

export function etcdArgs(paths: Paths, ports: Ports): string[] {
    const client = `http://${LOOPBACK}:${ports.etcd}`;
    const peer = `http://${LOOPBACK}:${ports.etcdPeer}`;
    return [
        "--name=lab",
        `--data-dir=${paths.etcdData}`,
        `--listen-client-urls=${client}`,
        `--advertise-client-urls=${client}`,
        `--listen-peer-urls=${peer}`,
        `--initial-advertise-peer-urls=${peer}`,
        `--initial-cluster=lab=${peer}`,
        "--unsafe-no-fsync",
        "--log-level=warn",
    ];
}

export function apiserverArgs(paths: Paths, ports: Ports, files: ControlPlaneFiles): string[] {
    return [
        `--etcd-servers=http://${LOOPBACK}:${ports.etcd}`,
        `--bind-address=${LOOPBACK}`,
        `--secure-port=${ports.apiserver}`,
        // An address for the Endpoints of `kubernetes`, which may not be loopback (TEST-NET-1); nobody connects to it.
        "--advertise-address=192.0.2.1",
        "--endpoint-reconciler-type=none",
        `--cert-dir=${paths.pki}`,
        `--tls-cert-file=${files.cert}`,
        `--tls-private-key-file=${files.key}`,
        `--token-auth-file=${files.tokens}`,
        "--anonymous-auth=false",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        `--service-account-key-file=${files.serviceAccountKey}`,
        `--service-account-signing-key-file=${files.serviceAccountKey}`,
        // OpenShift's service network.
        "--service-cluster-ip-range=172.30.0.0/16",
        "--allow-privileged=true",
        "--enable-priority-and-fairness=false",
        "--profiling=false",
        "--shutdown-watch-termination-grace-period=0s",
    ];
}

/** No node lifecycle: the only Node is played. */
const CONTROLLERS = [
    "clusterrole-aggregation-controller",
    "cronjob-controller",
    "daemonset-controller",
    "deployment-controller",
    "disruption-controller",
    "endpoints-controller",
    "endpointslice-controller",
    "garbage-collector-controller",
    "job-controller",
    "namespace-controller",
    "replicaset-controller",
    "replicationcontroller-controller",
    "root-ca-certificate-publisher-controller",
    "serviceaccount-controller",
    "serviceaccount-token-controller",
    "statefulset-controller",
];

export function controllerManagerArgs(paths: Paths, files: ControlPlaneFiles): string[] {
    return [
        `--kubeconfig=${files.controllersKubeconfig}`,
        `--controllers=${CONTROLLERS.join(",")}`,
        `--service-account-private-key-file=${files.serviceAccountKey}`,
        `--root-ca-file=${files.authority}`,
        `--cert-dir=${join(paths.pki, "controllers")}`,
        "--secure-port=0",
        "--leader-elect=false",
        // The defaults (20 and 30) hold back a cluster that does in seconds what others do in minutes.
        "--kube-api-qps=300",
        "--kube-api-burst=600",
        "--concurrent-gc-syncs=10",
    ];
}
