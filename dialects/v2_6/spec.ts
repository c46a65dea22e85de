import type { MeshConfig } from "../../config/schema";
import { prune } from "../prune";
import { scaling } from "../scaling";
import { tracingProvider, usesTempo } from "../tracing";

/**
 * The ServiceMeshControlPlane's spec, without its version. A key is there only when it has a value: what is left out is the
 * profile's. What 1.1 called otherwise: maistra/istio-operator, branch maistra-2.5, pkg/apis/maistra/conversion.
 */
export function controlPlaneSpec(config: MeshConfig): Record<string, unknown> {
    const { gateways, pilot, proxy, routes } = config.controlPlane;
    return prune({
        tracing: tracingSpec(config),
        meshConfig: usesTempo(config) ? { extensionProviders: [tracingProvider(config)] } : undefined,
        gateways: {
            ingress: { runtime: ingressRuntime(config) },
            egress: { runtime: autoscaled(gateways.egress.autoscale) },
            openshiftRoute: { enabled: routes === "gateways" },
        },
        proxy: { runtime: { container: { resources: { requests: proxy.requests, limits: proxy.limits } } } },
        security: { dataPlane: MTLS[config.controlPlane.mtls] },
        runtime: { components: { pilot: autoscaled(pilot.autoscale) } },
        addons: addons(config),
    }) as Record<string, unknown>;
}

/** Whether there is a Prometheus: Kiali and Grafana are nothing without. */
export function hasPrometheus({ controlPlane: { consoles } }: MeshConfig): boolean {
    return consoles.some((name) => name !== "jaeger");
}

/** Permissive: servers take both, and clients use mTLS wherever the other side has a sidecar. */
const MTLS = {
    off: { mtls: false, automtls: false },
    permissive: { mtls: false, automtls: true },
    strict: { mtls: true, automtls: true },
} as const;

/**
 * `sampling` counts hundredths of a percent (maistra/istio-operator, pkg/apis/maistra/v2/tracing.go). With Tempo, the
 * mesh's Telemetry says all of it.
 */
function tracingSpec({ controlPlane: { tracing } }: MeshConfig): object {
    return tracing.enabled && tracing.backend === "jaeger"
        ? { type: "Jaeger", sampling: Math.round(tracing.sampling * 100) }
        : { type: "None" };
}

function autoscaled(enabled: boolean | undefined): object | undefined {
    return enabled === undefined ? undefined : { deployment: { autoScaling: { enabled } } };
}

function ingressRuntime({ controlPlane: { gateways } }: MeshConfig): object {
    const { autoscale, replicas, requests, limits } = gateways.ingress;
    const { scaled, min, max, count } = scaling(gateways.ingress, false);
    const said = autoscale !== undefined || replicas !== undefined;
    return {
        deployment: {
            replicas: count,
            autoScaling: said ? { enabled: scaled, minReplicas: min, maxReplicas: max } : undefined,
        },
        container: { resources: { requests, limits } },
    };
}

function addons(config: MeshConfig): object {
    const { consoles, tracing } = config.controlPlane;
    const withJaeger = tracing.enabled && tracing.backend === "jaeger";
    const type = tracing.storage === "elasticsearch" ? "Elasticsearch" : "Memory";
    return {
        prometheus: { enabled: hasPrometheus(config) },
        grafana: { enabled: consoles.includes("grafana") },
        kiali: { enabled: consoles.includes("kiali") },
        jaeger: withJaeger
            ? { name: "jaeger", install: { storage: { type }, ingress: { enabled: consoles.includes("jaeger") } } }
            : undefined,
    };
}
