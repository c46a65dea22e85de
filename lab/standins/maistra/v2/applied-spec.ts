import { atLeast, type Release } from "./release";

/** spec of a ServiceMeshControlPlane v2, or a part of it. */
export type Spec = Record<string, any>;

const REGISTRY = "registry.redhat.io/openshift-service-mesh";
const IMAGES = ["grafana", "pilot", "prometheus"] as const;
const small = () => ({ requests: { cpu: "10m", memory: "128Mi" } });

/**
 * What the profile "default" of the product adds to a spec (maistra/istio-operator@maistra-2.5,
 * resources/smcp-templates/v2.5: servicemesh, base, small; recorded: status/m25-smcp-ready, appliedSpec).
 */
function defaultProfile(version: string, release: Release): Spec {
    const tag = release.charts[version];
    const gateway = () => ({
        enabled: true,
        runtime: { container: { resources: small() }, deployment: { autoScaling: { enabled: false } } },
        service: {},
    });
    const console = (secret: string) => ({
        enabled: true,
        install: {
            service: {
                ingress: { enabled: true },
                metadata: { annotations: { "service.alpha.openshift.io/serving-cert-secret-name": secret } },
            },
        },
    });
    const tracing = release.tracingOffFrom !== undefined && atLeast(version, release.tracingOffFrom);
    return {
        version,
        addons: {
            grafana: console("grafana-tls"),
            jaeger: { install: { ingress: { enabled: true }, storage: { type: "Memory" } }, name: "jaeger" },
            kiali: {
                enabled: true,
                install: { dashboard: { viewOnly: false }, service: { ingress: { enabled: true } } },
                name: "kiali",
            },
            prometheus: console("prometheus-tls"),
        },
        gateways: {
            enabled: true,
            egress: gateway(),
            ingress: { ...gateway(), ingress: false, service: { type: "ClusterIP" } },
            openshiftRoute: { enabled: true },
        },
        general: { logging: { componentLevels: { default: "warn" } } },
        policy: { type: "None" },
        profiles: ["default"],
        proxy: {
            injection: { autoInject: false },
            networking: {
                dns: { refreshRate: "300s" },
                protocol: { autoDetect: { inbound: false, outbound: false } },
            },
            runtime: { container: { imageName: `${REGISTRY}/proxyv2-rhel8:${tag}`, resources: small() } },
        },
        runtime: {
            components: Object.fromEntries(
                IMAGES.map((name) => [name, { container: { imageName: `${REGISTRY}/${name}-rhel8:${tag}` } }]),
            ),
            defaults: { container: { imageRegistry: REGISTRY, imageTag: tag, resources: small() } },
        },
        security: { identity: { type: "Kubernetes" } },
        telemetry: { type: "Istiod" },
        tracing: { type: tracing ? "None" : "Jaeger" },
    };
}

/** The spec as the operator applies it (status.appliedSpec): the user's, then the profile's. */
export function appliedSpec(spec: Spec, release: Release): Spec {
    return fill(spec, defaultProfile(spec.version, release));
}

/** A profile that the operator does not have; there are no others than these in the product. */
export function missingProfile(spec: Spec): string | undefined {
    const known = ["default", "servicemesh", "base", "small", "gateway-controller"];
    return (spec.profiles as string[] | undefined)?.find((name) => !known.includes(name));
}

export function isEnabled(applied: Spec, addon: "grafana" | "kiali" | "prometheus"): boolean {
    return applied.addons?.[addon]?.enabled === true;
}

export function isTraced(applied: Spec): boolean {
    return applied.tracing?.type === "Jaeger";
}

export function kialiName(applied: Spec): string {
    return applied.addons?.kiali?.name || "kiali";
}

export function jaegerName(applied: Spec): string {
    return applied.addons?.jaeger?.name || "jaeger";
}

/** Adds what is missing, map by map; what is there wins, whatever it is. */
function fill(base: Spec, input: Spec): Spec {
    const filled = { ...base };
    for (const [key, value] of Object.entries(input)) {
        if (!(key in filled)) {
            filled[key] = value;
        } else if (isMap(filled[key]) && isMap(value)) {
            filled[key] = fill(filled[key], value);
        }
    }
    return filled;
}

function isMap(value: unknown): value is Spec {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
