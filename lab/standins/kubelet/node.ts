import { isStatus, type Kube, type KubeObject } from "../../../kube";

export const NODE_NAME = "lab-node";

/** An address of TEST-NET-1: nothing is there. */
export const HOST_ADDRESS = "192.0.2.10";

/** Makes the Node, unless there is one, and says that it is Ready. */
export async function makeNode(kube: Kube): Promise<void> {
    try {
        await kube.create(node());
    } catch (error) {
        if (!isStatus(error, 409)) {
            throw error;
        }
    }
    const ref = { apiVersion: "v1", kind: "Node", name: NODE_NAME };
    await kube.mergePatchStatus(ref, { status: nodeStatus() });
    // The API server taints every new Node as not ready; DaemonSets would keep off it.
    await kube.mergePatch(ref, { spec: { taints: null } });
}

function node(): KubeObject {
    return {
        apiVersion: "v1",
        kind: "Node",
        metadata: {
            name: NODE_NAME,
            labels: {
                "kubernetes.io/hostname": NODE_NAME,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "node-role.kubernetes.io/worker": "",
            },
        },
    };
}

function nodeStatus(): object {
    const now = new Date().toISOString();
    const resources = { cpu: "16", memory: "64Gi", pods: "500", "ephemeral-storage": "200Gi" };
    return {
        capacity: resources,
        allocatable: resources,
        addresses: [
            { type: "InternalIP", address: HOST_ADDRESS },
            { type: "Hostname", address: NODE_NAME },
        ],
        conditions: [
            {
                type: "Ready",
                status: "True",
                reason: "KubeletReady",
                message: "kubelet is posting ready status",
                lastHeartbeatTime: now,
                lastTransitionTime: now,
            },
        ],
    };
}
