import type { KubeObject } from "../../../kube";
import { DEFAULT } from "./names";

/** Helm values of a control plane; only some of them matter here. */
export type Values = Record<string, any>;

const REGISTRY = "registry.redhat.io/openshift-service-mesh";

/**
 * spec.values of an IstioRevision: the Istio's own, over what the operator knows (recorded: sail S1a). Images are by
 * version, unless the Istio names one.
 */
export function revisionValues(istio: KubeObject, version: string, revision: string): Values {
    const own: Values = istio.spec.values ?? {};
    const proxy = `${REGISTRY}/istio-proxyv2-rhel9:${version}`;
    const { namespace } = istio.spec;
    const ours = {
        global: {
            configValidation: true,
            istioNamespace: namespace,
            platform: "openshift",
            proxy: { image: proxy },
            proxy_init: { image: proxy },
        },
        pilot: { image: `${REGISTRY}/istio-pilot-rhel9:${version}` },
    };
    return { ...merged(ours, own), revision: revision === DEFAULT ? "" : revision };
}

/** Helm's way: maps key by key, anything else as a whole. */
export function merged(base: Values, over: Values): Values {
    const result = { ...base };
    for (const [key, value] of Object.entries(over)) {
        result[key] = isMap(value) && isMap(base[key]) ? merged(base[key], value) : value;
    }
    return result;
}

/** On OpenShift a control plane needs the CNI plugin unless it says that it does not. */
export function needsCni(values: Values | undefined): boolean {
    return values?.pilot?.cni?.enabled !== false;
}

function isMap(value: unknown): value is Values {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
