import { type KindRef, type KubeObject, refOf } from "../../../../kube";
import type { StandInContext } from "../../types";
import { JAEGER, KIALI, OPERATOR_NAMESPACE } from "./names";
import { keyOf, splitKey, WorkQueue } from "./queue";
import { whileDeployed } from "./running";
import { watched } from "./store";

type Labels = Record<string, string>;

/**
 * The operators of Kiali and Jaeger, reduced to what the mesh's users see: from each Kiali or Jaeger the console's
 * Deployment, Service and Route. They work while their own Deployments do.
 */
export async function addonOperators(context: StandInContext): Promise<void> {
    await Promise.all([
        addonOperator(context, "kiali-operator", KIALI, kialiObjects),
        addonOperator(context, "jaeger-operator", JAEGER, jaegerObjects),
    ]);
}

function addonOperator(
    context: StandInContext,
    deployment: string,
    kind: KindRef,
    objectsOf: (resource: KubeObject) => KubeObject[],
): Promise<void> {
    return whileDeployed(context, { namespace: OPERATOR_NAMESPACE, deployment }, async (own) => {
        const queue = new WorkQueue(own, deployment, async (key) => {
            const resource = await own.kube.get({ ...kind, ...splitKey(key) });
            if (!resource || resource.metadata.deletionTimestamp) {
                return;
            }
            await own.delay(own.settings().maistra.addonDelay);
            for (const object of objectsOf(resource)) {
                await own.kube.apply(ownedBy(resource, object), { fieldManager: deployment, force: true });
            }
        });
        watched(own.kube, kind, { signal: own.signal }, (type, object) => {
            if (type === "DELETED") {
                void takeAway(own, objectsOf(object), object.metadata.namespace);
            } else {
                queue.add(keyOf(object.metadata.namespace, object.metadata.name));
            }
        });
    });
}

/** What is left after that belongs to the deleted resource, and is the garbage collector's to find. */
async function takeAway(context: StandInContext, objects: KubeObject[], namespace?: string): Promise<void> {
    try {
        for (const object of objects) {
            await context.kube.delete({ ...refOf(object), namespace }, { propagationPolicy: "Background" });
        }
    } catch (error) {
        context.log(error instanceof Error ? error.message : String(error));
    }
}

function ownedBy(resource: KubeObject, object: KubeObject): KubeObject {
    const { apiVersion, kind, metadata } = resource;
    const { name, uid = "", namespace } = metadata;
    const ownerReferences = [{ apiVersion, kind, name, uid, controller: true }];
    return { ...object, metadata: { ...object.metadata, namespace, ownerReferences } };
}

/** Recorded nowhere: the Route (re-encrypted, plain HTTP redirected) is what the tutorial's reader sees. */
export function kialiObjects(resource: KubeObject): KubeObject[] {
    const labels = { app: "kiali", version: resource.spec?.version ?? "v1.12" };
    const image = "registry.redhat.io/openshift-service-mesh/kiali-rhel7:1.12.7";
    const exposed = resource.spec?.deployment?.ingress_enabled !== false;
    return [
        account("kiali-service-account", labels),
        workload("kiali", labels, { app: "kiali" }, "kiali-service-account", image),
        service("kiali", labels, { app: "kiali" }, [["tcp", 20001, 20001]]),
        ...(exposed
            ? [route("kiali", labels, "kiali", { termination: "reencrypt", insecureEdgeTerminationPolicy: "Redirect" })]
            : []),
    ];
}

export function jaegerObjects(resource: KubeObject): KubeObject[] {
    const { name } = resource.metadata;
    const part = (component: string, own = `${name}-${component}`): Labels => ({
        app: "jaeger",
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/managed-by": "jaeger-operator",
        "app.kubernetes.io/name": own,
        "app.kubernetes.io/part-of": "jaeger",
    });
    const image = (program: string) => `registry.redhat.io/distributed-tracing/${program}-rhel7:1.17.4`;
    const allInOne = resource.spec?.strategy !== "production";
    const whole = part("all-in-one", name);
    const query = allInOne ? whole : part("query");
    const collector = allInOne ? whole : part("collector");
    const workloads = allInOne
        ? [workload(name, whole, whole, name, image("jaeger-all-in-one"))]
        : [
              workload(`${name}-collector`, collector, collector, name, image("jaeger-collector")),
              workload(`${name}-query`, query, query, name, image("jaeger-query")),
          ];
    const exposed = resource.spec?.ingress?.enabled !== false;
    return [
        account(name, part("service-account")),
        ...workloads,
        service(`${name}-collector`, part("service-collector"), collector, [["zipkin", 9411, 9411]]),
        service(`${name}-query`, part("service-query"), query, [["https-query", 443, 8443]]),
        ...(exposed ? [route(name, part("query-route"), `${name}-query`, { termination: "reencrypt" })] : []),
    ];
}

function account(name: string, labels: Labels): KubeObject {
    return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, labels } };
}

function workload(name: string, labels: Labels, pods: Labels, serviceAccountName: string, image: string): KubeObject {
    const annotations = { "sidecar.istio.io/inject": "false" };
    return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name, labels },
        spec: {
            replicas: 1,
            selector: { matchLabels: pods },
            template: {
                metadata: { labels: pods, annotations },
                spec: { serviceAccountName, containers: [{ name, image }] },
            },
        },
    };
}

function service(name: string, labels: Labels, selector: Labels, ports: [string, number, number][]): KubeObject {
    return {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name, labels },
        spec: {
            selector,
            ports: ports.map(([own, port, targetPort]) => ({ name: own, port, protocol: "TCP", targetPort })),
        },
    };
}

function route(name: string, labels: Labels, to: string, tls: object): KubeObject {
    return {
        apiVersion: "route.openshift.io/v1",
        kind: "Route",
        metadata: { name, labels },
        spec: { to: { kind: "Service", name: to, weight: 100 }, tls, wildcardPolicy: "None" },
    };
}
