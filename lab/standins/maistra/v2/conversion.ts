import type { KubeObject } from "../../../../kube";
import type { ConversionResponse, WebhookHandler } from "../../types";

type Tree = Record<string, any>;

/**
 * Between the two versions of a control plane, as far as somebody reads them: the fields of which the meaning is the
 * same (maistra/istio-operator@maistra-2.5, pkg/apis/maistra/conversion), nothing of the rest.
 */
export const convert: WebhookHandler = (review) => {
    const { objects, desiredAPIVersion } = (review as unknown as { request: ConversionRequest }).request;
    const answer: ConversionResponse = {
        convertedObjects: objects.map((object) => converted(object, desiredAPIVersion)),
        result: { status: "Success" },
    };
    return answer;
};

interface ConversionRequest {
    objects: KubeObject[];
    desiredAPIVersion: string;
}

export function converted(object: KubeObject, apiVersion: string): KubeObject {
    if (object.apiVersion === apiVersion) {
        return object;
    }
    const spec = object.spec && (apiVersion.endsWith("/v1") ? toV1(object.spec) : toV2(object.spec));
    return { ...object, apiVersion, ...(spec ? { spec } : {}) };
}

function toV1({ version, profiles, security, gateways, tracing, addons, proxy }: Tree): Tree {
    const enabled = (on: unknown) => (on === undefined ? undefined : { enabled: on });
    return dense({
        version,
        profiles,
        istio: {
            global: {
                mtls: { enabled: security?.dataPlane?.mtls, auto: security?.dataPlane?.automtls },
                controlPlaneSecurityEnabled: security?.controlPlane?.mtls,
                proxy: { resources: proxy?.runtime?.container?.resources },
            },
            gateways: { "istio-ingressgateway": { ior_enabled: gateways?.openshiftRoute?.enabled } },
            pilot: { traceSampling: tracing?.sampling === undefined ? undefined : tracing.sampling / 100 },
            tracing: enabled(tracing?.type === undefined ? undefined : tracing.type === "Jaeger"),
            kiali: enabled(addons?.kiali?.enabled),
            grafana: enabled(addons?.grafana?.enabled),
            prometheus: enabled(addons?.prometheus?.enabled),
        },
    });
}

function toV2({ version, profiles, template, istio = {} }: Tree): Tree {
    const { global = {}, gateways = {}, pilot = {}, tracing, kiali, grafana, prometheus } = istio;
    const type = tracing?.enabled === undefined ? undefined : tracing.enabled ? "Jaeger" : "None";
    return dense({
        version,
        profiles: profiles ?? (template === undefined ? undefined : [template]),
        security: {
            dataPlane: { mtls: global.mtls?.enabled, automtls: global.mtls?.auto },
            controlPlane: { mtls: global.controlPlaneSecurityEnabled },
        },
        proxy: { runtime: { container: { resources: global.proxy?.resources } } },
        gateways: { openshiftRoute: { enabled: gateways["istio-ingressgateway"]?.ior_enabled } },
        tracing: { type, sampling: pilot.traceSampling === undefined ? undefined : pilot.traceSampling * 100 },
        addons: {
            kiali: { enabled: kiali?.enabled },
            grafana: { enabled: grafana?.enabled },
            prometheus: { enabled: prometheus?.enabled },
        },
    });
}

/** Without what is undefined, and without the maps that are empty then. */
function dense(tree: Tree): Tree {
    const kept = Object.entries(tree).flatMap(([key, value]): [string, unknown][] => {
        if (value === undefined) {
            return [];
        }
        if (typeof value !== "object" || value === null || Array.isArray(value)) {
            return [[key, value]];
        }
        const inner = dense(value);
        return Object.keys(inner).length > 0 ? [[key, inner]] : [];
    });
    return Object.fromEntries(kept);
}
