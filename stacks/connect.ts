import * as pulumi from "@pulumi/pulumi";
import { Kube } from "../kube";

/**
 * The cluster that the Kubernetes provider talks to: `kubernetes:kubeconfig` and `kubernetes:context` where the stack sets
 * them, otherwise the kubeconfig of whoever runs it. Errors: ConnectError when there is no cluster to talk to.
 */
export function connect(): Kube {
    const kubernetes = new pulumi.Config("kubernetes");
    try {
        return Kube.load({ kubeconfig: kubernetes.get("kubeconfig"), context: kubernetes.get("context") });
    } catch (error) {
        throw new ConnectError((error as Error).message);
    }
}

/** There is no usable kubeconfig. */
export class ConnectError extends Error {
    constructor(why: string) {
        super(
            `no cluster to talk to: ${why}\n` +
                "  Log in with oc login, point KUBECONFIG at a kubeconfig, or set it: pulumi config set kubernetes:context NAME",
        );
        this.name = "ConnectError";
    }
}
