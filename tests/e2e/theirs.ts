import { type KindRef, type Kube, type KubeObject, refOf } from "../../kube";
import { eventually } from "../lab/wait";
import { CSV, DEPLOYMENT, DEPLOYMENT_CONFIG, NAMESPACE, ROUTE, SERVICE, SUBSCRIPTION } from "./kinds";
import { isCopy, snapshot } from "./snapshot";

/** The annotation of what a stack has made. */
export const MARK = "openshift-mesh/stack";

/** Everything that others own, of which the stack may at most borrow a label for its lifetime. */
export function isTheirs(object: KubeObject): boolean {
    const { kind, metadata } = object;
    if (isCopy(object)) {
        return false;
    }
    if (kind === "Namespace") {
        return /^(other-|microsvc-|openshift-(operators|marketplace|ingress)$)/.test(metadata.name);
    }
    switch (metadata.namespace) {
        case "other-team":
        case "other-mesh-app":
        case "openshift-marketplace":
            return true;
        case "openshift-operators":
            return kind === "OperatorGroup" || metadata.name.startsWith("web-terminal");
        case "microsvc-sample":
            return ["Route", "EventListener", "ServiceAccount", "Service"].includes(kind);
        default:
            return false;
    }
}

/** Another team's Subscription, which says so; Automatic ones are awaited until their operator is installed. */
export async function theirSubscription(
    kube: Kube,
    name: string,
    spec: { channel?: string; source?: string; installPlanApproval?: string } = {},
): Promise<KubeObject> {
    const namespace = "openshift-operators";
    const at = { ...SUBSCRIPTION, namespace, name };
    const source = { source: "redhat-operators", sourceNamespace: "openshift-marketplace" };
    await kube.create({
        ...SUBSCRIPTION,
        metadata: { name, namespace, labels: { team: "platform" } },
        spec: { name, installPlanApproval: "Automatic", ...source, ...spec },
    });
    return eventually(
        `${name} is there`,
        async () => {
            const { installedCSV, installPlanRef } = (await kube.get(at))?.status ?? {};
            if (spec.installPlanApproval === "Manual") {
                return installPlanRef ? kube.get(at) : undefined;
            }
            const csv = installedCSV && (await kube.get({ ...CSV, namespace, name: installedCSV }));
            return csv?.status?.phase === "Succeeded" ? kube.get(at) : undefined;
        },
        60,
    );
}

/** Takes another team's operator away, with what OLM leaves to people: its CSV, and all that goes with that. */
export async function removeTheirs(kube: Kube, packageName: string): Promise<void> {
    const namespace = "openshift-operators";
    await kube.delete({ ...SUBSCRIPTION, namespace, name: packageName });
    const labelSelector = `operators.coreos.com/${packageName}.${namespace}`;
    for (const csv of await kube.list(CSV, { namespace, labelSelector })) {
        await kube.delete(refOf(csv));
    }
    await eventually(
        `${packageName} is gone`,
        async () => {
            const left = await snapshot(kube, ({ kind, metadata }) => {
                const isKind = kind === "CustomResourceDefinition";
                return !isKind && metadata.labels?.[labelSelector] !== undefined;
            });
            return left.size === 0 ? true : undefined;
        },
        60,
    );
}

/** A shop that runs already: one Deployment, which has said that it wants no sidecar, and one DeploymentConfig. */
export function shop(): KubeObject[] {
    const namespace = "shop";
    const workload = (kind: KindRef, name: string, replicas: number, selector: object, annotations?: object) => ({
        ...kind,
        metadata: { name, namespace },
        spec: {
            replicas,
            selector,
            template: {
                metadata: { labels: { app: name }, annotations },
                spec: { containers: [{ name, image: `registry.example.com/shop/${name}:1` }] },
            },
        },
    });
    const service = (name: string) => ({
        ...SERVICE,
        metadata: { name, namespace },
        spec: { selector: { app: name }, ports: [{ name: "http", port: 8080 }] },
    });
    return [
        { ...NAMESPACE, metadata: { name: namespace } },
        workload(DEPLOYMENT, "orders", 2, { matchLabels: { app: "orders" } }, { "sidecar.istio.io/inject": "false" }),
        workload(DEPLOYMENT_CONFIG, "billing", 1, { app: "billing" }),
        service("orders"),
        service("billing"),
        { ...ROUTE, metadata: { name: "orders", namespace }, spec: { to: { kind: "Service", name: "orders" } } },
    ];
}
