import type { KubeObject } from "../../../../../kube";
import { MEMBER_OF } from "../../common/names";
import {
    chartLabels,
    configMap,
    DESTINATION_RULE,
    fromNamespaces,
    istio,
    managedPolicies,
    type Mesh,
    PEER_AUTHENTICATION,
} from "./parts";

/**
 * What closes the mesh to the outside, and whether it speaks mTLS: objects that nobody else may declare. Istio's
 * EnvoyFilters for metrics are left out.
 */
export function meshConfig(mesh: Mesh): KubeObject[] {
    const labels = chartLabels(mesh, { app: "istio" });
    return [
        ...managedPolicies(mesh, [
            {
                name: `istio-mesh-${mesh.name}`,
                labels,
                ingress: fromNamespaces({ [MEMBER_OF]: mesh.namespace }),
            },
            {
                name: `istio-expose-route-${mesh.name}`,
                labels,
                pods: { "maistra.io/expose-route": "true" },
                ingress: fromNamespaces({ "network.openshift.io/policy-group": "ingress" }),
            },
        ]),
        ...mtls(mesh),
    ];
}

/** Receiving side: the mesh-wide policy; sending side, with mTLS on: two DestinationRules (recorded: M3a). */
function mtls(mesh: Mesh): KubeObject[] {
    const labels = chartLabels(mesh, { app: "istio" });
    const isStrict = mesh.applied.security?.dataPlane?.mtls === true;
    const mode = isStrict ? "STRICT" : "PERMISSIVE";
    const sending = (name: string, host: string, tls: string) =>
        istio(mesh, DESTINATION_RULE, name, labels, { host, trafficPolicy: { tls: { mode: tls } } });
    return [
        istio(mesh, PEER_AUTHENTICATION, "default", labels, { mtls: { mode } }),
        ...(isStrict
            ? [
                  sending("default", "*.cluster.local", "ISTIO_MUTUAL"),
                  sending("api-server", "kubernetes.default.svc.cluster.local", "DISABLE"),
              ]
            : []),
    ];
}

export function telemetryCommon(mesh: Mesh): KubeObject[] {
    const labels = chartLabels(mesh, { app: "istio", "config.openshift.io/inject-trusted-cabundle": "true" });
    return [configMap(mesh, "trusted-ca-bundle", labels, {})];
}
