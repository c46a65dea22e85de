import { createHash } from "node:crypto";
import { isStatus, type Kube, type KubeObject, refOf } from "../../../../kube";
import type { StandInContext } from "../../types";
import { findService, GENERATED_BY, ORIGINAL_HOST, ROUTE, type Server, tlsOf } from "../common/gateway-routes";
import { DEFAULT_NAME, ROLL_KIND } from "../common/names";
import { keyOf, WorkQueue } from "../common/queue";
import { watched } from "../common/store";
import type { Istiods } from "./istiods";
import { CONTROL_PLANE_KIND } from "./names";

const GATEWAY = { apiVersion: "networking.istio.io/v1beta1", kind: "Gateway" };
const GATEWAY_NAME = "maistra.io/gateway-name";
const GATEWAY_NAMESPACE = "maistra.io/gateway-namespace";
const MANAGE = "maistra.io/manageRoute";

/** "<namespace>-<gateway>-<sixteen digits of the host's hash>": the same every time (trap 25 is 1.1's). */
export function routeName(gateway: KubeObject, host: string): string {
    const hash = createHash("sha256")
        .update(host || "star")
        .digest("hex")
        .slice(0, 16);
    return `${gateway.metadata.namespace}-${gateway.metadata.name}-${hash}`;
}

/** The Route of a host, but for namespace and service (maistra/istio, pilot/pkg/config/kube/ior/controller.go). */
export function routeOf(gateway: KubeObject, server: Server, original: string): KubeObject {
    const { name, namespace = "", annotations = {}, labels = {}, resourceVersion = "" } = gateway.metadata;
    const host = original.includes("/") ? original.slice(original.indexOf("/") + 1) : original;
    const wildcard = host.startsWith("*.");
    const keep = (map: Record<string, string>, drop: (key: string) => boolean) =>
        Object.fromEntries(Object.entries(map).filter(([key]) => !drop(key)));
    const ours = (key: string) => key.startsWith("kubectl.kubernetes.io") || /argocd/.test(key) || key === MANAGE;
    return {
        ...ROUTE,
        metadata: {
            name: routeName(gateway, original),
            labels: {
                ...keep(labels, (key) => key.startsWith("maistra.io/") || key === "argocd.argoproj.io/instance"),
                [GENERATED_BY]: "ior",
                [GATEWAY_NAME]: name,
                [GATEWAY_NAMESPACE]: namespace,
                "maistra.io/gateway-resourceVersion": resourceVersion,
            },
            annotations: { ...keep(annotations, ours), [ORIGINAL_HOST]: original },
        },
        spec: {
            ...(host === "*" ? {} : { host: wildcard ? `wildcard.${host.slice(2)}` : host }),
            port: { targetPort: server.tls ? "https" : "http2" },
            ...(server.tls ? { tls: tlsOf(server.tls) } : {}),
            wildcardPolicy: wildcard ? "Subdomain" : "None",
        },
    };
}

/** Whether a Gateway's Routes are looked after at all. */
export function isManaged({ spec, metadata }: KubeObject): boolean {
    return spec?.selector?.istio !== "egressgateway" && metadata.annotations?.[MANAGE] !== "false";
}

/**
 * Istio OpenShift Routing, which is part of istiod since 2.0: on each change of a Gateway of a member its Routes are
 * made anew. What fails then is logged, and not tried again before the Gateway changes or istiod starts.
 */
export async function ior(context: StandInContext, istiods: Istiods): Promise<void> {
    const { kube, signal } = context;
    const queue = new WorkQueue(context, "ior", async (key) => {
        const { iorDelay, iorDown } = context.settings().maistra;
        await context.delay(iorDelay);
        const [mesh, namespace, name] = key.split("/");
        if (!iorDown && istiods.isReady(mesh)) {
            const gateway = gateways.objects.get(keyOf(namespace, name));
            await sync(kube, mesh, { namespace, name }, gateway).catch((error: unknown) => {
                const why = error instanceof Error ? error.message : error;
                context.log(`ior: failed to process gateway ${namespace}/${name}: ${why}`);
            });
        }
    });
    const add = async (gateway: KubeObject) => {
        const { namespace = "", name } = gateway.metadata;
        for (const mesh of await meshesWithRoutes(kube)) {
            const roll = rolls.objects.get(keyOf(mesh, DEFAULT_NAME));
            if (mesh === namespace || roll?.status?.configuredMembers?.includes(namespace)) {
                queue.add(`${mesh}/${namespace}/${name}`);
            }
        }
    };
    const all = () => gateways.objects.forEach((gateway) => void add(gateway).catch(() => undefined));
    const rolls = watched(kube, ROLL_KIND, { signal }, all);
    const gateways = watched(kube, GATEWAY, { signal }, (_, gateway) => void add(gateway).catch(() => undefined));
    istiods.onChange(all);
}

/** Of the control planes those that ask for it; since 2.5 the operator's webhook says no for who does not (trap 26). */
async function meshesWithRoutes(kube: Kube): Promise<string[]> {
    const planes = await kube.list(CONTROL_PLANE_KIND);
    return planes
        .filter(({ status }) => status?.appliedSpec?.gateways?.openshiftRoute?.enabled === true)
        .map(({ metadata }) => metadata.namespace ?? "");
}

async function sync(
    kube: Kube,
    mesh: string,
    of: { namespace: string; name: string },
    gateway: KubeObject | undefined,
): Promise<void> {
    const labelSelector = `${GENERATED_BY}=ior,${GATEWAY_NAMESPACE}=${of.namespace},${GATEWAY_NAME}=${of.name}`;
    const existing = await kube.list(ROUTE, { namespace: mesh, labelSelector });
    const left = new Map(existing.map((route) => [route.metadata.name, route]));
    if (gateway && !isManaged(gateway)) {
        return;
    }
    const service = gateway ? await findService(kube, mesh, gateway.spec?.selector ?? {}) : "";
    for (const server of (gateway?.spec?.servers ?? []) as Server[]) {
        for (const host of server.hosts ?? []) {
            const made = routeOf(gateway!, server, host);
            const to = { kind: "Service", name: service, weight: 100 };
            const route = { ...made, metadata: { ...made.metadata, namespace: mesh }, spec: { ...made.spec, to } };
            const there = left.get(route.metadata.name);
            left.delete(route.metadata.name);
            await write(kube, route, there);
        }
    }
    for (const route of left.values()) {
        await kube.delete(refOf({ ...route, ...ROUTE }));
    }
}

async function write(kube: Kube, route: KubeObject, there: KubeObject | undefined): Promise<void> {
    if (!there) {
        await kube.create(route).catch((error: unknown) => {
            if (!isStatus(error, 409)) {
                throw error;
            }
        });
        return;
    }
    const { resourceVersion, uid } = there.metadata;
    await kube.replace({ ...route, metadata: { ...route.metadata, resourceVersion, uid }, status: there.status });
}
