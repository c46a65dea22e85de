import type { MeshConfig } from "../../config/schema";
import type { RouteName } from "../dialect";
import { OPERATORS } from "../operators";
import type { Piece } from "../piece";
import { prune } from "../prune";
import { tracingAddress, tracingPieces, tracingRoute, usesTempo } from "../tracing";
import { known } from "./membership";
import { meshId } from "./monitoring";

const KIALI = "kiali.io/v1alpha1";

/** Where metrics are, of the mesh as of everything else in the cluster. */
const THANOS = "https://thanos-querier.openshift-monitoring.svc.cluster.local:9091";

/** The name of Kiali and of all that its operator makes for it. */
export function kialiName({ controlPlane: { name } }: MeshConfig): string {
    return `kiali-${name}`;
}

/** The Routes of the consoles (kiali/kiali-operator, roles/default/kiali-deploy/templates/openshift/route.yaml). */
export function consoleRoutes(config: MeshConfig): Record<string, RouteName> {
    const { consoles, namespace } = config.controlPlane;
    return {
        ...(consoles.includes("kiali") ? { kiali: { namespace, name: kialiName(config) } } : {}),
        ...(consoles.includes("jaeger") ? { jaeger: tracingRoute(config) } : {}),
    };
}

/** Kiali on OpenShift's own monitoring, with its part of OpenShift's console; and what keeps traces, with its own. */
export function consolePieces(config: MeshConfig): Piece[] {
    return [...tracingPieces(config), ...(config.controlPlane.consoles.includes("kiali") ? kialiPieces(config) : [])];
}

/** openshift-service-mesh/sail-operator, docs/ossm/kiali; kiali/kiali-operator, crd-docs. */
function kialiPieces(config: MeshConfig): Piece[] {
    const { namespace } = config.controlPlane;
    const name = kialiName(config);
    return [
        {
            name: `${name}-signing-key`,
            apiVersion: "v1",
            kind: "Secret",
            metadata: { name: `${name}-signing-key`, namespace },
            body: {},
            random: { key: 32 },
            goesWithNamespace: true,
        },
        monitoringView(config),
        askedByPlatform(namespace),
        { ...kiali(config), after: [`${name}-signing-key`] },
        {
            name: "ossmconsole",
            apiVersion: KIALI,
            kind: "OSSMConsole",
            metadata: { name: "ossmconsole", namespace },
            body: { spec: { kiali: { serviceName: name, serviceNamespace: namespace } } },
            after: [name],
            shared: true,
            usedBy: [{ apiVersion: KIALI, kind: "Kiali" }],
        },
    ];
}

function kiali(config: MeshConfig): Piece {
    const { namespace } = config.controlPlane;
    const name = kialiName(config);
    return {
        name,
        apiVersion: KIALI,
        kind: "Kiali",
        metadata: { name, namespace },
        body: {
            spec: {
                istio_namespace: namespace,
                installation_tag: `Kiali [${meshId(config)}]`,
                auth: { strategy: "openshift" },
                // By its name, so that Kiali reads it anew when it changes, and so that nobody reads it here.
                login_token: { signing_key: `secret:${name}-signing-key:key` },
                deployment: {
                    instance_name: name,
                    namespace,
                    cluster_wide_access: true,
                    discovery_selectors: { default: [{ matchLabels: known(config) }] },
                    // Reached by its Route, from outside the mesh.
                    pod_labels: { "sidecar.istio.io/inject": "false", "maistra.io/expose-route": "true" },
                },
                external_services: externalServices(config),
            },
        },
    };
}

function externalServices(config: MeshConfig): object {
    const traced = usesTempo(config);
    const { namespace, name } = tracingRoute(config);
    const shown = config.controlPlane.consoles.includes("jaeger") && config.appsDomain !== undefined;
    return {
        grafana: { enabled: false },
        prometheus: {
            auth: { type: "bearer", use_kiali_token: true },
            query_scope: { mesh_id: meshId(config) },
            thanos_proxy: { enabled: true },
            url: THANOS,
        },
        tracing: prune({
            enabled: traced,
            provider: traced ? "tempo" : undefined,
            internal_url: traced ? tracingAddress(config) : undefined,
            use_grpc: traced ? false : undefined,
            // As OpenShift's router names a Route without a host of its own.
            external_url: traced && shown ? `https://${name}-${namespace}.${config.appsDomain}` : undefined,
            tempo_config: traced ? { url_format: "jaeger" } : undefined,
        }),
    };
}

/** Lets Kiali read OpenShift's metrics (openshift-service-mesh/sail-operator, docs/ossm/kiali). */
function monitoringView(config: MeshConfig): Piece {
    const { namespace } = config.controlPlane;
    const name = kialiName(config);
    return {
        name: `${name}-monitoring`,
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRoleBinding",
        metadata: { name: `${name}-monitoring-${namespace}` },
        body: {
            roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-monitoring-view" },
            subjects: [{ kind: "ServiceAccount", name: `${name}-service-account`, namespace }],
        },
    };
}

/** OpenShift's console shows Kiali, whose operator asks it first (kiali-operator, roles/default/ossmconsole-deploy). */
function askedByPlatform(namespace: string): Piece {
    const names = (key: string, values: string[]) => ({ matchExpressions: [{ key, operator: "In", values }] });
    return {
        name: "openshift-console",
        apiVersion: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: { name: "istio-openshift-console", namespace },
        body: {
            spec: {
                podSelector: names("app.kubernetes.io/name", ["kiali", "ossmconsole"]),
                policyTypes: ["Ingress"],
                ingress: [
                    {
                        from: [
                            {
                                namespaceSelector: names("kubernetes.io/metadata.name", [
                                    "openshift-console",
                                    OPERATORS,
                                ]),
                            },
                        ],
                    },
                ],
            },
        },
        goesWithNamespace: true,
    };
}
