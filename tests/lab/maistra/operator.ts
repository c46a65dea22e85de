import { setTimeout as sleep } from "node:timers/promises";
import { type Kube, type KubeObject, refOf } from "../../../kube";
import { installCrds, jaegerCrds, kialiCrds, maistra2Crds, maistraCrds } from "../../../lab/crds";

const NAMESPACE = "openshift-operators";

/** spec.istio of step 2 of the scenario. */
export const SCENARIO = {
    gateways: {
        "istio-egressgateway": { autoscaleEnabled: false },
        "istio-ingressgateway": { autoscaleEnabled: false, ior_enabled: true },
    },
    mixer: { policy: { autoscaleEnabled: false }, telemetry: { autoscaleEnabled: false } },
    pilot: { autoscaleEnabled: false, traceSampling: 100 },
    kiali: { enabled: true },
    grafana: { enabled: true },
    tracing: { enabled: true, jaeger: { template: "all-in-one" } },
};

/** The kinds that come with the operators' CSVs. */
export async function installKinds(kube: Kube): Promise<void> {
    await installCrds(kube, [...(await maistraCrds()), ...(await kialiCrds()), ...(await jaegerCrds())]);
}

/** The operators' kinds and Deployments as OLM would leave them, without OLM. */
export async function deployOperators(kube: Kube, names: string[] = ["istio-operator"]): Promise<void> {
    await installKinds(kube);
    for (const name of names) {
        await createAnew(kube, deploymentOf(name));
    }
}

/** The operator 2.x alone, its kinds and its Deployment, of an image with this tag. */
export async function deployOperator2(kube: Kube, version = "2.5.1"): Promise<void> {
    await installCrds(kube, await maistra2Crds());
    const made = deploymentOf("istio-operator");
    made.spec.template.spec.containers[0].image += `:${version}-0`;
    await createAnew(kube, made);
}

/** Creates an object, once the one of the same name that an earlier test left to be collected is gone. */
async function createAnew(kube: Kube, object: KubeObject): Promise<void> {
    await until(`${object.metadata.name} of before to go`, async () => (await kube.get(refOf(object))) === undefined);
    await kube.create(object);
}

/** Resolves when their pods are gone too. */
export async function removeOperators(kube: Kube, names: string[] = ["istio-operator"]): Promise<void> {
    for (const name of names) {
        const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: NAMESPACE, name };
        await kube.delete(ref, { propagationPolicy: "Background" });
    }
    await until("the operators' pods to go", async () => {
        const pods = await kube.list({ apiVersion: "v1", kind: "Pod" }, { namespace: NAMESPACE });
        return !pods.some((pod) => names.includes(pod.metadata.labels?.name ?? ""));
    });
}

/** What its webhooks say to a write; undefined: nothing, it was accepted. */
export async function refusal(write: () => Promise<unknown>): Promise<string | undefined> {
    try {
        await write();
        return undefined;
    } catch (error) {
        return (error as Error).message;
    }
}

/** Resolves when the operator's webhooks answer. Nothing that is sent meanwhile can be stored: the name is invalid. */
export async function webhooksAnswer(kube: Kube): Promise<void> {
    const metadata = { name: "_nobody_", namespace: NAMESPACE };
    const probe = mesh(metadata.name, NAMESPACE, {});
    await until("the operator's webhooks to answer", async () => {
        const configuration = await kube.get({
            apiVersion: "admissionregistration.k8s.io/v1",
            kind: "ValidatingWebhookConfiguration",
            name: "openshift-operators.servicemesh-resources.maistra.io",
        });
        const said = await refusal(() => kube.create(probe));
        return configuration !== undefined && !said?.includes("failed calling webhook");
    });
}

export async function until(what: string, met: () => Promise<boolean>, milliseconds = 20_000): Promise<void> {
    const end = Date.now() + milliseconds;
    while (!(await met())) {
        if (Date.now() > end) {
            throw new Error(`waited ${milliseconds / 1_000} s in vain for ${what}`);
        }
        await sleep(50);
    }
}

export function mesh(name: string, namespace: string, istio: object, version?: string): KubeObject {
    const spec = { ...(version === undefined ? {} : { version }), istio };
    return { apiVersion: "maistra.io/v1", kind: "ServiceMeshControlPlane", metadata: { name, namespace }, spec };
}

export function mesh2(name: string, namespace: string, spec: object): KubeObject {
    return { apiVersion: "maistra.io/v2", kind: "ServiceMeshControlPlane", metadata: { name, namespace }, spec };
}

export function roll(namespace: string, members: string[], name = "default"): KubeObject {
    const metadata = { name, namespace };
    return { apiVersion: "maistra.io/v1", kind: "ServiceMeshMemberRoll", metadata, spec: { members } };
}

export function member(
    namespace: string,
    controlPlane: { name: string; namespace: string },
    name = "default",
): KubeObject {
    return {
        apiVersion: "maistra.io/v1",
        kind: "ServiceMeshMember",
        metadata: { name, namespace },
        spec: { controlPlaneRef: controlPlane },
    };
}

export function namespace(name: string): KubeObject {
    return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

/** Whether the condition of this type is True, or for this reason. */
export function says(object: KubeObject | undefined, type: string, reasonOrTrue: string | true): boolean {
    const conditions: { type: string; status: string; reason?: string }[] = object?.status?.conditions ?? [];
    return conditions.some(
        (c) => c.type === type && (reasonOrTrue === true ? c.status === "True" : c.reason === reasonOrTrue),
    );
}

/** Deletes namespaces and waits until they are gone. */
export async function removeNamespaces(kube: Kube, names: string[]): Promise<void> {
    await Promise.all(names.map((name) => kube.delete({ apiVersion: "v1", kind: "Namespace", name })));
    const left = async () => {
        const all = await kube.list({ apiVersion: "v1", kind: "Namespace" });
        return all.filter((object) => names.includes(object.metadata.name));
    };
    await until("namespaces to go", async () => (await left()).length === 0, 60_000);
}

function deploymentOf(name: string): KubeObject {
    const labels = { name };
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name, namespace: NAMESPACE },
        spec: {
            replicas: 1,
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: { containers: [{ name, image: `registry.example.com/${name}` }] } },
        },
    };
}

/** A Deployment of one pod, labelled app=<name>; by default it asks for a sidecar. */
export function workload(
    name: string,
    within: string,
    annotations: Record<string, string> = { "sidecar.istio.io/inject": "true" },
): KubeObject {
    const labels = { app: name };
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name, namespace: within },
        spec: {
            selector: { matchLabels: labels },
            template: {
                metadata: { labels, annotations },
                spec: { containers: [{ name, image: `registry.example.com/${name}` }] },
            },
        },
    };
}

export function gateway(name: string, within: string, hosts: string[]): KubeObject {
    return {
        apiVersion: "networking.istio.io/v1alpha3",
        kind: "Gateway",
        metadata: { name, namespace: within },
        spec: {
            selector: { istio: "ingressgateway" },
            servers: [{ port: { number: 80, name: "http", protocol: "HTTP" }, hosts }],
        },
    };
}

export function pod(name: string, within: string): KubeObject {
    return {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace: within },
        spec: { containers: [{ name, image: `registry.example.com/${name}` }] },
    };
}
