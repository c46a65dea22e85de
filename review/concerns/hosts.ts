import { ofKind, type Picture } from "../picture";
import { code, type Concern, type Finder, fromTo } from "./concern";

/** Hosts that come, go, or lead elsewhere, and how they are reached. */
export const hosts: Finder = ({ before, after }) => {
    const [was, will] = [targets(before), targets(after)];
    const lost = [...was.keys()].filter((host) => !will.has(host));
    const added = [...will.keys()].filter((host) => !was.has(host));
    const moved = [...was.keys()].filter((host) => will.has(host) && will.get(host) !== was.get(host));
    const heirs = new Map(lost.map((host) => [host, added.find((other) => will.get(other) === was.get(host))]));
    const others = new Set(heirs.values());
    return [
        ...lost.map((host): Concern => {
            const [heir, who] = [heirs.get(host), code(was.get(host))];
            return heir === undefined
                ? { topic: "hostLost", warns: true, text: `${who} is no longer reached as ${code(host)}` }
                : {
                      topic: "hostChanged",
                      warns: true,
                      text: `host of ${who}: ${fromTo(host, heir)}; the old one is cut off`,
                  };
        }),
        ...moved.map((host): Concern => ({
            topic: "hostMoved",
            warns: true,
            text: `${code(host)} leads elsewhere: ${fromTo(was.get(host), will.get(host))}`,
        })),
        ...added
            .filter((host) => !others.has(host))
            .map((host): Concern => {
                const text = `${code(host)} leads to ${code(will.get(host))}`;
                return { topic: "hostAdded", warns: false, text };
            }),
        ...routeSecurity(before, after),
    ];
};

/** What each host leads to: a service, as VirtualServices and HTTPRoutes say it, else the name under which a stack tells it. */
function targets(picture: Picture): Map<string, string> {
    const result = new Map<string, string>();
    for (const [name, host] of Object.entries<unknown>(picture.outputs.routeHosts ?? {})) {
        result.set(String(host), name);
    }
    for (const { namespace, name, body } of ofKind(picture, "Route")) {
        result.set(String(body.spec?.host), result.get(body.spec?.host) ?? `Route ${namespace}/${name}`);
    }
    for (const { namespace, body } of ofKind(picture, "VirtualService").filter((v) => v.body.spec?.gateways)) {
        const services = ((body.spec.http ?? []) as any[])
            .flatMap(({ route = [] }) => route)
            .map(({ destination }) => serviceOf(String(destination?.host), namespace));
        for (const host of body.spec.hosts ?? []) {
            result.set(host, [...new Set(services)].join(", "));
        }
    }
    for (const { namespace, body } of ofKind(picture, "HTTPRoute")) {
        const services = ((body.spec?.rules ?? []) as any[])
            .flatMap(({ backendRefs = [] }) => backendRefs)
            .map((to) => `${to.namespace ?? namespace}/${to.name}`);
        for (const host of body.spec?.hostnames ?? []) {
            result.set(host, [...new Set(services)].join(", "));
        }
    }
    result.delete("[unknown]");
    return result;
}

/** "shop/cart" for "cart.shop.svc.cluster.local", and for a bare name in its own namespace. */
function serviceOf(host: string, home = ""): string {
    const [, service, namespace] = /^([^.]+)\.([^.]+)\.svc/.exec(host) ?? [];
    return service ? `${namespace}/${service}` : `${home}/${host}`;
}

interface Tls {
    termination: string;
    insecure: string;
}

/** Which of a Route's answers to plain HTTP is laxer (openshift/api, route/v1/types.go). */
const LAX: Record<string, number> = { None: 0, Redirect: 1, Allow: 2 };

function routeSecurity(before: Picture, after: Picture): Concern[] {
    const was = tlsByHost(before);
    return [...tlsByHost(after)].flatMap(([host, now]): Concern[] => {
        const old = was.get(host);
        if (old === undefined || (old.termination === now.termination && old.insecure === now.insecure)) {
            return [];
        }
        const plain = LAX[now.insecure] > LAX[old.insecure];
        const words = plain && now.insecure === "Allow" ? "is answered in plain HTTP too" : "has other TLS";
        return [
            {
                topic: plain ? "policyLoosened" : "hostMoved",
                warns: true,
                text: `${code(host)} ${words}: ${fromTo(`${old.termination}, ${old.insecure}`, `${now.termination}, ${now.insecure}`)}`,
            },
        ];
    });
}

function tlsByHost(picture: Picture): Map<string, Tls> {
    return new Map(
        ofKind(picture, "Route").map(({ body }) => [
            String(body.spec?.host),
            {
                termination: body.spec?.tls?.termination ?? "no TLS",
                insecure: body.spec?.tls ? (body.spec.tls.insecureEdgeTerminationPolicy ?? "None") : "Allow",
            },
        ]),
    );
}
