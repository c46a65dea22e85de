import * as pulumi from "@pulumi/pulumi";
import { present, type Ready } from "./context";
import { ObjectPatch } from "./object-patch";

/** A pod with this label is let through to from the cluster's router, past the mesh (maistra/istio-operator, networkpolicy.yaml). */
const EXPOSE_ROUTE = "maistra.io/expose-route";

export interface ExposedListenersArgs {
    listeners: { apiVersion: string; namespace: string; name: string }[];
}

/**
 * Exceptions: Tekton EventListeners whose Routes go on as they are in a namespace that joins the mesh. Tekton hands the
 * listener's labels on to its Deployment and pods (tektoncd/triggers, pkg/reconciler/eventlistener).
 */
export class ExposedListeners extends pulumi.ComponentResource {
    readonly ready: Ready;

    constructor(name: string, args: ExposedListenersArgs, opts: pulumi.ComponentResourceOptions = {}) {
        super("mesh:index:ExposedListeners", name, {}, opts);
        const patches = args.listeners.map(
            (listener) =>
                new ObjectPatch(
                    `${listener.namespace}/${listener.name}`,
                    { ...listener, kind: "EventListener", path: ["metadata", "labels", EXPOSE_ROUTE], value: "true" },
                    { parent: this },
                ),
        );
        this.ready = present(...patches);
        this.registerOutputs({});
    }
}
