import type { KubeObject } from "../../../../kube";
import type { Release } from "../helm";
import { DEFAULT, OPERATOR_NAMESPACE, REV, suffixed } from "../names";
import { clusterRole, clusterRoleBinding, configMap, object, roleFor, rule, serviceAccount } from "./parts";
import { injectorConfiguration, validatorConfiguration } from "./webhooks";

const PORTS = [
    { name: "grpc-xds", port: 15010, targetPort: 15010 },
    { name: "https-dns", port: 15012, targetPort: 15012 },
    { name: "https-webhook", port: 443, targetPort: 15017 },
    { name: "http-monitoring", port: 15014, targetPort: 15014 },
];

/** The control plane of a revision: release <revision>-istiod (recorded: sail S1a, S5a, in this order). */
export function istiodRelease(revision: KubeObject): Release {
    const { name } = revision.metadata;
    const { namespace, version, values } = revision.spec;
    const own = (part: string) => suffixed(part, name);
    // Cluster-wide names have the mesh's namespace too.
    const wide = (part: string) => `${suffixed(part, name)}-${namespace}`;
    const named = (app: string, more = {}) => ({ app, "app.kubernetes.io/name": app, ...more });
    const ofRevision = { [REV]: name, "operator.istio.io/component": "Pilot" };
    const pilot = named("istiod", { istio: "pilot", ...ofRevision });
    const plain = { "app.kubernetes.io/name": "istiod", ...ofRevision };
    const reader = named("istio-reader");
    const account = { name: own("istiod"), namespace };
    const roles: [string, Record<string, string>, object[]][] = [
        [wide("istio-reader-clusterrole"), reader, [rule("", ["endpoints", "pods", "services", "nodes"])]],
        [wide("istiod-gateway-controller"), named("istiod"), [rule("apps", ["deployments"])]],
        [wide("istiod-clusterrole"), named("istiod"), [rule("", ["configmaps", "pods", "services", "namespaces"])]],
    ];
    const readerAccount = { name: "istio-reader-service-account", namespace };
    const scaled = values?.pilot?.autoscaleEnabled !== false;
    const webhookName = namespace === "istio-system" ? "istio-sidecar-injector" : "";
    return {
        name: `${name}-istiod`,
        namespace,
        chart: "istiod",
        version,
        owner: revision,
        objects: [
            serviceAccount(account.name, named("istiod"), namespace),
            configMap(own("values"), plain, namespace, { "merged-values": JSON.stringify(values) }),
            configMap(own("istio"), plain, namespace, { mesh: JSON.stringify(values?.meshConfig ?? {}) }),
            configMap(own("istio-sidecar-injector"), plain, namespace, {
                config: JSON.stringify({ policy: values?.global?.proxy?.autoInject ?? "enabled" }),
                values: JSON.stringify(values),
            }),
            ...roles.map(([role, labels, rules]) => clusterRole(role, labels, rules)),
            ...roles.map(([role, labels]) =>
                clusterRoleBinding(role, labels, role, labels === reader ? readerAccount : account),
            ),
            ...roleFor(account.name, named("istiod"), [rule("", ["secrets"], ["create", "get", "watch"])], account),
            object("v1", "Service", own("istiod"), pilot, { spec: service(name) }, namespace),
            object("apps/v1", "Deployment", own("istiod"), pilot, { spec: deployment(revision, scaled) }, namespace),
            ...(scaled ? [autoscaler(own("istiod"), { ...named("istiod"), ...ofRevision }, namespace, values)] : []),
            injectorConfiguration(
                webhookName ? suffixed(webhookName, name) : wide("istio-sidecar-injector"),
                { ...plain, app: "sidecar-injector" },
                name,
                { namespace, service: own("istiod") },
            ),
            validatorConfiguration(
                wide("istio-validator"),
                { ...named("istiod"), istio: "istiod", [REV]: name },
                { namespace, service: own("istiod") },
                name,
            ),
        ],
    };
}

/**
 * What a revision "default", or a tag of that name, brings once more: release default-base, which Helm keeps in the
 * operator's namespace. Its validator always means the Service istiod (recorded: sail S5b).
 */
export function baseRelease(owner: KubeObject, control: { namespace: string; version: string }): Release {
    const { namespace, version } = control;
    const labels = { app: "istiod", "app.kubernetes.io/name": "istiod", istio: "istiod", [REV]: DEFAULT };
    return {
        name: `${owner.metadata.name}-base`,
        namespace: OPERATOR_NAMESPACE,
        chart: "base",
        version,
        owner,
        objects: [
            serviceAccount(
                "istio-reader-service-account",
                { app: "istio-reader", "app.kubernetes.io/name": "istio-reader" },
                namespace,
            ),
            validatorConfiguration("istiod-default-validator", labels, { namespace, service: "istiod" }, undefined),
        ],
    };
}

/** The release of a tag: one more configuration of the injector of the revision that it means. */
export function tagRelease(tag: KubeObject, revision: KubeObject): Release {
    const { namespace, version } = revision.spec;
    const labels = {
        app: "sidecar-injector",
        "app.kubernetes.io/name": "istiod",
        [REV]: revision.metadata.name,
        "istio.io/tag": tag.metadata.name,
        "operator.istio.io/component": "Pilot",
    };
    const name = `istio-revision-tag-${tag.metadata.name}${namespace === "istio-system" ? "" : `-${namespace}`}`;
    const target = { namespace, service: suffixed("istiod", revision.metadata.name) };
    return {
        name: `${tag.metadata.name}-revisiontags`,
        namespace,
        chart: "revisiontags",
        version,
        owner: tag,
        objects: [injectorConfiguration(name, labels, tag.metadata.name, target)],
    };
}

/** Pods of the default revision are told apart by istio=pilot, as ever. */
function podSelector(revision: string): Record<string, string> {
    return revision === DEFAULT ? { app: "istiod", istio: "pilot" } : { app: "istiod", [REV]: revision };
}

function service(revision: string): object {
    return {
        type: "ClusterIP",
        ports: PORTS.map((port) => ({ ...port, protocol: "TCP" })),
        selector: podSelector(revision),
    };
}

function deployment(revision: KubeObject, scaled: boolean): object {
    const { name } = revision.metadata;
    const { pilot = {} } = revision.spec.values ?? {};
    const env = Object.entries({ REVISION: name, ...pilot.env }).map(([key, value]) => ({ name: key, value }));
    const labels = {
        ...podSelector(name),
        istio: name === DEFAULT ? "pilot" : "istiod",
        [REV]: name,
        "istio.io/dataplane-mode": "none",
        "operator.istio.io/component": "Pilot",
        "sidecar.istio.io/inject": "false",
    };
    const container = {
        name: "discovery",
        image: pilot.image,
        args: ["discovery"],
        env,
        ports: PORTS.filter(({ port }) => port !== 443).map(({ port }) => ({ containerPort: port, protocol: "TCP" })),
        resources: pilot.resources ?? { requests: { cpu: "500m", memory: "2048Mi" } },
    };
    return {
        // An autoscaler is left to say how many.
        ...(scaled ? {} : { replicas: pilot.replicaCount ?? 1 }),
        selector: { matchLabels: podSelector(name) },
        strategy: { rollingUpdate: { maxSurge: "100%", maxUnavailable: "25%" } },
        template: {
            metadata: { labels, annotations: { "sidecar.istio.io/inject": "false" } },
            spec: { serviceAccountName: suffixed("istiod", name), containers: [container] },
        },
    };
}

function autoscaler(name: string, labels: Record<string, string>, namespace: string, values: any): KubeObject {
    const target = { type: "Utilization", averageUtilization: 80 };
    return object(
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        name,
        labels,
        {
            spec: {
                scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
                minReplicas: values?.pilot?.autoscaleMin ?? 1,
                maxReplicas: values?.pilot?.autoscaleMax ?? 5,
                metrics: [{ type: "Resource", resource: { name: "cpu", target } }],
            },
        },
        namespace,
    );
}
