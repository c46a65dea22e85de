import { type KubeObject, refOf } from "../../../../kube";
import type { StandInContext } from "../../types";
import { findService, GENERATED_BY, ORIGINAL_HOST, ROUTE, type Server, tlsOf } from "../common/gateway-routes";
import { CONTROL_PLANE, DEFAULT_NAME, ROLL_KIND } from "../common/names";
import { keyOf, WorkQueue } from "../common/queue";
import { isReady, onSetting } from "../common/running";
import { watched } from "../common/store";

const GATEWAY = { apiVersion: "networking.istio.io/v1alpha3", kind: "Gateway" };

/**
 * The Route that a host of a Gateway gets, but for the service it leads to. Name, labels, TLS: Maistra/ior branch
 * maistra-1.1, pkg/route/route.go.
 */
export function routeOf(gateway: KubeObject, server: Server, host: string): KubeObject {
    const { namespace, name } = gateway.metadata;
    const wildcard = host.startsWith("*.");
    return {
        ...ROUTE,
        metadata: {
            name: "",
            generateName: `${namespace}-${name}-`,
            labels: {
                [GENERATED_BY]: "ior",
                "maistra.io/gateway-name": name,
                "maistra.io/gateway-namespace": namespace ?? "",
            },
            annotations: { [ORIGINAL_HOST]: host },
        },
        spec: {
            ...(host === "*" ? {} : { host: wildcard ? `wildcard.${host.slice(2)}` : host }),
            port: { targetPort: server.tls ? "https" : "http2" },
            ...(server.tls ? { tls: tlsOf(server.tls) } : {}),
            wildcardPolicy: wildcard ? "Subdomain" : "None",
        },
    };
}

/** One Route a host; of two Gateways with the same host the first has it. */
export function wantedHosts(gateways: KubeObject[]): Map<string, { gateway: KubeObject; server: Server }> {
    const wanted = new Map<string, { gateway: KubeObject; server: Server }>();
    for (const gateway of gateways) {
        for (const server of (gateway.spec?.servers ?? []) as Server[]) {
            for (const host of server.hosts ?? []) {
                if (!wanted.has(host)) {
                    wanted.set(host, { gateway, server });
                }
            }
        }
    }
    return wanted;
}

/**
 * Istio OpenShift Routing: keeps the Routes of a mesh in step with the Gateways of its members, while a pod of its
 * Deployment "ior" is Ready. What it cannot do it only logs.
 */
export async function ior(context: StandInContext): Promise<void> {
    const { kube, signal } = context;
    const queue = new WorkQueue(context, "ior", (mesh) => sync(mesh));
    const all = () => {
        for (const mesh of meshes()) {
            queue.add(mesh);
        }
    };
    const meshes = () => {
        const ready = [...pods.objects.values()].filter((pod) => pod.metadata.labels?.app === "ior" && isReady(pod));
        return new Set(ready.map((pod) => pod.metadata.namespace ?? ""));
    };
    const sync = async (mesh: string) => {
        await context.delay(context.settings().maistra.iorDelay);
        if (context.settings().maistra.iorDown || !meshes().has(mesh)) {
            return;
        }
        const roll = rolls.objects.get(keyOf(mesh, DEFAULT_NAME));
        const seen = new Set<string>([mesh, ...(roll?.status?.configuredMembers ?? [])]);
        const mine = [...gateways.objects.values()].filter(({ metadata }) => seen.has(metadata.namespace ?? ""));
        await syncRoutes(context, mesh, mine);
    };
    const pods = watched(kube, { apiVersion: "v1", kind: "Pod" }, { labelSelector: CONTROL_PLANE, signal }, all);
    const gateways = watched(kube, GATEWAY, { signal }, all);
    const rolls = watched(kube, ROLL_KIND, { signal }, all);
    onSetting(context, () => context.settings().maistra.iorDown, all);
    await pods.synced;
}

async function syncRoutes(context: StandInContext, mesh: string, gateways: KubeObject[]): Promise<void> {
    const { kube } = context;
    const byAge = [...gateways].sort((a, b) => age(a).localeCompare(age(b)));
    const wanted = wantedHosts(byAge);
    const existing = await kube.list(ROUTE, { namespace: mesh, labelSelector: `${GENERATED_BY}=ior` });
    const present = new Set<string>();
    for (const route of existing) {
        const host = route.metadata.annotations?.[ORIGINAL_HOST] ?? route.spec?.host;
        if (wanted.has(host) && !present.has(host)) {
            present.add(host);
        } else {
            await kube.delete(refOf(route));
            context.log(`ior: deleted route ${mesh}/${route.metadata.name} (hostname: ${host})`);
        }
    }
    for (const [host, { gateway, server }] of wanted) {
        if (present.has(host)) {
            continue;
        }
        try {
            const name = await findService(context.kube, mesh, gateway.spec?.selector ?? {});
            const route = routeOf(gateway, server, host);
            const to = { kind: "Service", name, weight: 100 };
            const metadata = { ...route.metadata, namespace: mesh };
            await kube.create({ ...route, metadata, spec: { ...route.spec, to } });
        } catch (error) {
            const { namespace, name } = gateway.metadata;
            const why = error instanceof Error ? error.message : error;
            context.log(`ior: error creating a route for host ${host} (gateway ${namespace}/${name}): ${why}`);
        }
    }
}

function age(object: KubeObject): string {
    return `${object.metadata.creationTimestamp} ${keyOf(object.metadata.namespace, object.metadata.name)}`;
}
