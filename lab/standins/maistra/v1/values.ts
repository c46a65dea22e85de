import { OPERATOR_NAMESPACE } from "../common/names";

/** A tree of Helm values, as free in form as spec.istio of a control plane is. */
export type Values = Record<string, any>;

const REGISTRY = "registry.redhat.io/openshift-service-mesh";
const small = () => ({ limits: null, requests: { cpu: "10m", memory: "128Mi" } });
const image = (name: string, tag = "1.1.7") => `${REGISTRY}/${name}:${tag}`;

/** What the template "default" of the product adds (recorded: status/m117-smcp, lastAppliedConfiguration). */
function template(): Values {
    const serving = (secret: string) => ({
        annotations: { "service.alpha.openshift.io/serving-cert-secret-name": secret },
    });
    return {
        galley: { image: image("galley-rhel8"), resources: small() },
        gateways: {
            "istio-egressgateway": { enabled: true, resources: small() },
            "istio-ingressgateway": {
                enabled: true,
                ior_enabled: false,
                ior_image: image("ior-rhel8"),
                resources: small(),
                type: "ClusterIP",
            },
        },
        global: {
            defaultPodDisruptionBudget: { enabled: false },
            defaultResources: small(),
            hub: REGISTRY,
            mtls: { enabled: false },
            oauthproxy: {
                hub: "registry.redhat.io/openshift4",
                image: "ose-oauth-proxy",
                imagePullPolicy: "IfNotPresent",
                tag: 4.2,
            },
            operatorNamespace: OPERATOR_NAMESPACE,
            proxy: {
                autoInject: "disabled",
                dnsRefreshRate: "300s",
                image: image("proxyv2-rhel8"),
                resources: small(),
            },
            proxy_init: { image: image("proxy-init-rhel7") },
            tag: "1.1.7",
        },
        grafana: {
            enabled: true,
            image: image("grafana-rhel8"),
            ingress: { enabled: true },
            service: serving("grafana-tls"),
        },
        istio_cni: { enabled: true, istio_cni_network: "v1-1-istio-cni", repair: { enabled: false } },
        kiali: { dashboard: { viewOnlyMode: false }, enabled: true, ingress: { enabled: true } },
        mixer: {
            env: { GODEBUG: null },
            image: image("mixer-rhel8"),
            telemetry: { resources: small() },
        },
        pilot: { env: { GODEBUG: null }, image: image("pilot-rhel8"), resources: small() },
        prometheus: {
            image: image("prometheus-rhel8"),
            ingress: { enabled: true },
            resources: small(),
            service: serving("prometheus-tls"),
        },
        security: { image: image("citadel-rhel8"), resources: small() },
        sidecarInjectorWebhook: { enableNamespacesByDefault: true, image: image("sidecar-injector-rhel8") },
        tracing: { enabled: true, ingress: { enabled: true }, jaeger: { template: "all-in-one" } },
    };
}

/** What the charts themselves default, unseen in status (maistra/istio-operator, helm/v1.1 values). */
function chartDefaults(): Values {
    const autoscaled = { autoscaleEnabled: true };
    return {
        gateways: { "istio-egressgateway": autoscaled, "istio-ingressgateway": autoscaled },
        mixer: {
            policy: { enabled: true, ...autoscaled },
            telemetry: { enabled: true, ...autoscaled },
        },
        pilot: autoscaled,
        prometheus: { enabled: true },
    };
}

/** The spec as the operator applies it: the user's values, then the template's (status.lastAppliedConfiguration). */
export function appliedSpec(spec: Values): Values {
    const threeScale = { hub: REGISTRY, image: image("3scale-istio-adapter-rhel8", "1.0.0"), tag: "1.0.0" };
    return {
        ...spec,
        istio: fill(spec.istio ?? {}, template()),
        threeScale: fill(spec.threeScale ?? {}, threeScale),
    };
}

/** The values that the charts are rendered with. */
export function chartValues(spec: Values): Values {
    return fill(appliedSpec(spec).istio, chartDefaults());
}

/** Adds what is missing, map by map; what is there wins, whatever it is. */
function fill(base: Values, input: Values): Values {
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

function isMap(value: unknown): value is Values {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
