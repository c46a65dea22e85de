import type { KubeObject } from "../../../../kube";
import { ownedBy } from "../common/ownership";
import { grafana, kiali, prometheus, tracing } from "./charts/addons";
import { core, galley, pilot, security } from "./charts/core";
import { gateways } from "./charts/gateways";
import { sidecarInjectorWebhook } from "./charts/injector";
import { mixer } from "./charts/mixer";
import type { Mesh } from "./charts/parts";
import { COMPONENT, MESH_GENERATION, OWNER } from "../common/names";
import { OPERATOR_VERSION } from "./names";
import { chartValues, type Values } from "./values";

interface Component {
    name: string;
    enabled(values: Values): boolean;
    render(mesh: Mesh): KubeObject[];
    /** Milliseconds that the operator takes to write it, at the first install and at an update (recorded: N1, N3). */
    installing: number;
    updating: number;
}

const always = () => true;

/** In the order in which they are installed (maistra/istio-operator, controlplane/reconciler.go: orderedCharts). */
const COMPONENTS: readonly Component[] = [
    { name: "istio", enabled: always, render: core, installing: 100, updating: 60 },
    { name: "security", enabled: always, render: security, installing: 400, updating: 150 },
    { name: "prometheus", enabled: (v) => v.prometheus.enabled, render: prometheus, installing: 50, updating: 300 },
    { name: "tracing", enabled: (v) => v.tracing.enabled, render: tracing, installing: 50, updating: 300 },
    { name: "galley", enabled: always, render: galley, installing: 60, updating: 80 },
    { name: "mixer", enabled: always, render: mixer, installing: 1_000, updating: 2_300 },
    { name: "pilot", enabled: always, render: pilot, installing: 40, updating: 480 },
    { name: "gateways", enabled: always, render: gateways, installing: 80, updating: 800 },
    { name: "sidecarInjectorWebhook", enabled: always, render: sidecarInjectorWebhook, installing: 40, updating: 560 },
    { name: "grafana", enabled: (v) => v.grafana.enabled, render: grafana, installing: 50, updating: 300 },
    { name: "kiali", enabled: (v) => v.kiali.enabled, render: kiali, installing: 50, updating: 150 },
];

/** One component of one control plane, ready to be written. */
export interface Rendering {
    component: string;
    objects: KubeObject[];
    installing: number;
    updating: number;
}

/** "1.1.7-<generation>": what the operator calls the state that a generation of the control plane led to. */
export function reconciledVersion(generation: number): string {
    return `${OPERATOR_VERSION}-${generation}`;
}

/** What this control plane consists of, in the order of its installation. Pure, but for the passwords it makes up. */
export function render(controlPlane: KubeObject): Rendering[] {
    const { namespace = "" } = controlPlane.metadata;
    const mesh: Mesh = { namespace, values: chartValues(controlPlane.spec ?? {}) };
    return COMPONENTS.filter((component) => component.enabled(mesh.values)).map(
        ({ name, render: renderOne, installing, updating }) => ({
            component: name,
            objects: renderOne(mesh).map((object) => stamp(object, name, controlPlane)),
            installing,
            updating,
        }),
    );
}

/** Marks an object as this control plane's: by that it is found again, copied into members, and pruned. */
function stamp(object: KubeObject, component: string, controlPlane: KubeObject): KubeObject {
    const { metadata } = object;
    const { namespace = "", generation = 0 } = controlPlane.metadata;
    const version = reconciledVersion(generation);
    return {
        ...object,
        metadata: {
            ...metadata,
            labels: {
                ...metadata.labels,
                [COMPONENT]: component,
                "app.kubernetes.io/instance": namespace,
                "app.kubernetes.io/managed-by": "maistra-istio-operator",
                "app.kubernetes.io/name": component,
                "app.kubernetes.io/part-of": "istio",
                "app.kubernetes.io/version": version,
                [OWNER]: namespace,
            },
            annotations: { ...metadata.annotations, [MESH_GENERATION]: version },
            ...(metadata.namespace === namespace ? { ownerReferences: [ownedBy(controlPlane)] } : {}),
        },
    };
}
