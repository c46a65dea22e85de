import type { KubeObject, OwnerReference } from "../../../../kube";
import {
    CONTROLLER,
    deploymentName,
    GATEWAY_NAME,
    GROUP,
    MANAGED_LABEL,
    serviceAccountName,
} from "../../../gateway-api/names";
import { REV } from "../names";
import type { Istiod } from "./istiods";
import { gatewayContainer, gatewayVolumes } from "./pod";

type Strings = Record<string, string>;

const SERVICE_TYPE = "networking.istio.io/service-type";

/** Annotations of a Gateway that are for the Gateway alone. */
const NOT_COPIED = [
    "kubectl.kubernetes.io/last-applied-configuration",
    "gateway.istio.io/name-override",
    "gateway.istio.io/service-account",
    "gateway.istio.io/controller-version",
];

/** The last two are only made when somebody says something about them. */
export type MadeKind = "ServiceAccount" | "Deployment" | "Service" | "HorizontalPodAutoscaler" | "PodDisruptionBudget";

/** Those that Istio 1.24 does not know, like the ConfigMaps that speak of them. */
export const OPTIONAL: MadeKind[] = ["HorizontalPodAutoscaler", "PodDisruptionBudget"];

/**
 * What istiod makes for a Gateway of class istio, before anybody's overlays (istio/istio, istio-discovery/files/
 * kube-gateway.yaml). Of how many pods there are it says nothing.
 */
export function gatewayObjects(gateway: KubeObject, istiod: Istiod): KubeObject[] {
    const { name, namespace, uid = "" } = gateway.metadata;
    const labels = infrastructure(gateway, "labels");
    const annotations = infrastructure(gateway, "annotations");
    const owner: OwnerReference = { apiVersion: `${GROUP}/v1beta1`, kind: "Gateway", name, uid };
    const managed = { [MANAGED_LABEL.key]: MANAGED_LABEL.value };
    const made = (apiVersion: string, kind: MadeKind, rest: object, own = deploymentName(gateway)): KubeObject => ({
        apiVersion,
        kind,
        metadata: {
            name: own,
            namespace,
            annotations,
            labels: { ...labels, [GATEWAY_NAME]: name, ...managed },
            ownerReferences: [owner],
        },
        ...rest,
    });
    const selector = { [GATEWAY_NAME]: name };
    const target = { apiVersion: "apps/v1", kind: "Deployment", name: deploymentName(gateway) };
    return [
        made("v1", "ServiceAccount", {}, serviceAccountName(gateway)),
        made("apps/v1", "Deployment", {
            spec: {
                selector: { matchLabels: selector },
                template: { metadata: podMetadata(gateway, istiod), spec: podSpec(gateway, istiod) },
            },
        }),
        made("v1", "Service", {
            spec: {
                ipFamilyPolicy: "PreferDualStack",
                ports: servicePorts(gateway),
                selector,
                type: gateway.metadata.annotations?.[SERVICE_TYPE] ?? "LoadBalancer",
            },
        }),
        made("autoscaling/v2", "HorizontalPodAutoscaler", { spec: { scaleTargetRef: target, maxReplicas: 1 } }),
        made("policy/v1", "PodDisruptionBudget", { spec: { selector: { matchLabels: selector } } }),
    ];
}

/** Those of spec.infrastructure or, when that says nothing of them, all of the Gateway's own. */
function infrastructure({ metadata, spec }: KubeObject, what: "labels" | "annotations"): Strings {
    const said: Strings | undefined = spec.infrastructure?.[what];
    return Object.fromEntries(
        Object.entries(said ?? metadata[what] ?? {})
            .filter(([key]) => said === undefined || !key.startsWith(`${GROUP}/`))
            .filter(([key]) => what === "labels" || !NOT_COPIED.includes(key)),
    );
}

function podMetadata(gateway: KubeObject, { revision }: Istiod): { labels: Strings; annotations: Strings } {
    return {
        labels: {
            "sidecar.istio.io/inject": "false",
            "service.istio.io/canonical-name": deploymentName(gateway),
            "service.istio.io/canonical-revision": "latest",
            ...infrastructure(gateway, "labels"),
            [GATEWAY_NAME]: gateway.metadata.name,
            [MANAGED_LABEL.key]: MANAGED_LABEL.value,
        },
        annotations: {
            ...infrastructure(gateway, "annotations"),
            [REV]: revision,
            "prometheus.io/path": "/stats/prometheus",
            "prometheus.io/port": "15020",
            "prometheus.io/scrape": "true",
        },
    };
}

function podSpec(gateway: KubeObject, istiod: Istiod): object {
    return {
        securityContext: { sysctls: [{ name: "net.ipv4.ip_unprivileged_port_start", value: "0" }] },
        serviceAccountName: serviceAccountName(gateway),
        containers: [gatewayContainer(gateway, istiod)],
        volumes: gatewayVolumes(),
    };
}

/** One a number, named by the first listener that has it; the pods listen at the same numbers. */
function servicePorts({ spec }: KubeObject): object[] {
    const status = { name: "status-port", port: 15_021, protocol: "TCP", appProtocol: "tcp" };
    const listeners: { name: string; port: number; protocol: string }[] = spec.listeners ?? [];
    const first = listeners.filter(({ port }, index) => listeners.findIndex((each) => each.port === port) === index);
    const ports = first.map(({ name, port, protocol }) => ({
        name: name.replaceAll(".", "-").slice(0, 63),
        port,
        protocol: "TCP",
        appProtocol: protocol.toLowerCase(),
    }));
    return [status, ...ports];
}

export const FIELD_MANAGER = CONTROLLER;
