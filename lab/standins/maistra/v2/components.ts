import type { KubeObject } from "../../../../kube";
import { COMPONENT, MESH_GENERATION, OWNER } from "../common/names";
import { ownedBy } from "../common/ownership";
import { isEnabled, isTraced, type Spec } from "./applied-spec";
import { grafana, kiali, prometheus, tracing } from "./charts/addons";
import { hasGateways, istioEgress, istioIngress } from "./charts/gateways";
import { istioDiscovery } from "./charts/istiod";
import { meshConfig, telemetryCommon } from "./charts/mesh-config";
import type { Mesh } from "./charts/parts";
import { OWNER_NAME } from "./names";

interface Component {
    name: string;
    enabled(applied: Spec): boolean;
    render(mesh: Mesh): KubeObject[];
    /** Milliseconds that the operator takes to write it, at the first install and at an update (recorded: M1b, M3a). */
    installing: number;
    updating: number;
}

const always = () => true;
const quick = { installing: 100, updating: 300 };

/**
 * In the order in which they are written; of a group all are written before any is waited for (maistra/istio-operator,
 * versions/strategy_v2_5.go: v2_5ChartOrder).
 */
const GROUPS: readonly (readonly Component[])[] = [
    [{ name: "istio-discovery", enabled: always, render: istioDiscovery, installing: 2_000, updating: 4_500 }],
    [{ name: "mesh-config", enabled: always, render: meshConfig, installing: 200, updating: 1_000 }],
    [
        { name: "telemetry-common", enabled: always, render: telemetryCommon, ...quick },
        { name: "prometheus", enabled: (applied) => isEnabled(applied, "prometheus"), render: prometheus, ...quick },
    ],
    [
        { name: "tracing", enabled: isTraced, render: tracing, ...quick },
        { name: "istio-ingress", enabled: hasGateways, render: istioIngress, installing: 500, updating: 700 },
        { name: "istio-egress", enabled: hasGateways, render: istioEgress, installing: 300, updating: 500 },
        { name: "grafana", enabled: (applied) => isEnabled(applied, "grafana"), render: grafana, ...quick },
    ],
    [{ name: "kiali", enabled: (applied) => isEnabled(applied, "kiali"), render: kiali, ...quick }],
];

/** One component of one control plane, ready to be written. */
export interface Rendering {
    component: string;
    objects: KubeObject[];
    /** Whether there is anything of it to wait for; what has no Deployment counts as ready. */
    hasReadiness: boolean;
    installing: number;
    updating: number;
}

/** "2.5.1-<generation>": what the operator calls the state that a generation of the control plane led to. */
export function reconciledVersion(operator: string, generation: number): string {
    return `${operator}-${generation}`;
}

/** What this control plane consists of, group by group. Pure, but for the passwords it makes up. */
export function render(smcp: KubeObject, mesh: Mesh, operator: string): Rendering[][] {
    const enabled = GROUPS.map((group) => group.filter((component) => component.enabled(mesh.applied)));
    return enabled
        .filter((group) => group.length > 0)
        .map((group) =>
            group.map(({ name, render: renderOne, installing, updating }) => {
                const objects = renderOne(mesh).map((object) => stamp(object, name, smcp, mesh, operator));
                const hasReadiness = objects.some(({ kind }) => kind === "Deployment");
                return { component: name, objects, hasReadiness, installing, updating };
            }),
        );
}

/** Marks an object as this control plane's: by that it is found again, copied into members, and pruned. */
function stamp(object: KubeObject, component: string, smcp: KubeObject, mesh: Mesh, operator: string): KubeObject {
    const { metadata } = object;
    const { namespace = "", generation = 0, name } = smcp.metadata;
    const version = reconciledVersion(operator, generation);
    return {
        ...object,
        metadata: {
            ...metadata,
            labels: {
                ...metadata.labels,
                "maistra-version": mesh.charts,
                [COMPONENT]: component,
                "app.kubernetes.io/instance": namespace,
                "app.kubernetes.io/managed-by": "maistra-istio-operator",
                "app.kubernetes.io/name": component,
                "app.kubernetes.io/part-of": "istio",
                "app.kubernetes.io/version": version,
                [OWNER]: namespace,
                [OWNER_NAME]: name,
            },
            annotations: { ...metadata.annotations, [MESH_GENERATION]: version },
            ...(metadata.namespace === namespace ? { ownerReferences: [ownedBy(smcp)] } : {}),
        },
    };
}
