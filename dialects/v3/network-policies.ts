import type { MeshConfig } from "../../config/schema";
import type { Piece } from "../piece";
import { ROUTER } from "../tracing";
import { known } from "./membership";

/** The label of the namespaces of OpenShift's monitoring (openshift-docs, service_mesh, user workload monitoring). */
const MONITORING = { "network.openshift.io/policy-group": "monitoring" };

/** Pods that their owners want reached from outside the mesh: the same label in every generation. */
const EXPOSED = { "maistra.io/expose-route": "true" };

/**
 * The rules of the network that earlier generations' operator made, with the same effect: only the mesh reaches pods, but
 * for those that are exceptions (openshift-service-mesh/sail-operator, docs/ossm/ossm2-migration/network-policies.md); and
 * OpenShift's monitoring, which now is the mesh's too.
 */
export function networkPolicies(config: MeshConfig, namespace: string): Piece[] {
    return [
        networkPolicy("istio-mesh", namespace, {}, [fromNamespaces(known(config))]),
        networkPolicy("istio-expose-route", namespace, EXPOSED, [fromNamespaces(ROUTER)]),
        networkPolicy("istio-monitoring", namespace, {}, [fromNamespaces(MONITORING)]),
    ];
}

/** The control plane answers whoever asks: the API server calls its webhooks from no namespace. */
export function istiodPolicy({ controlPlane: { name, namespace } }: MeshConfig): Piece {
    return networkPolicy(`istio-istiod-${name}`, namespace, { app: "istiod" }, [{}]);
}

/** A NetworkPolicy about what comes in. */
export function networkPolicy(
    name: string,
    namespace: string,
    labels: Record<string, string>,
    ingress: object[],
): Piece {
    return {
        name: `${namespace}/${name}`,
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name, namespace },
        body: {
            spec: {
                podSelector: Object.keys(labels).length === 0 ? {} : { matchLabels: labels },
                policyTypes: ["Ingress"],
                ingress,
            },
        },
        goesWithNamespace: true,
    };
}

/** A rule that lets in what comes from namespaces with these labels. */
export function fromNamespaces(matchLabels: Record<string, string>): object {
    return { from: [{ namespaceSelector: { matchLabels } }] };
}
