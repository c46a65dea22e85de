import { z } from "zod";
import { everywhere } from "../levels";
import {
    type Declared,
    type Finding,
    isKind,
    judgeEach,
    notJudged,
    objectOf,
    resourceRule,
    stackRule,
    wrong,
} from "../rule";
import { EACH, every, find, type Found, get, same, selects, some, UNKNOWN } from "../values";
import { meshedWorkloads } from "../workloads";

const ROUTE = ["route.openshift.io", "Route"] as const;
const GATEWAY_API = "gateway.networking.k8s.io";
const REMEDY = "name each host (mesh:namespaces.<namespace>.services.<name>.host)";

/** A wildcard answers for hosts that nobody has thought of, also for those of others. */
export const noWildcardHost = resourceRule({
    name: "no-wildcard-host",
    description: "No Gateway, VirtualService, HTTPRoute or Route has a wildcard host.",
    level: everywhere,
    settings: z.object({
        tlsServersBehindRouter: z
            .boolean()
            .default(true)
            .describe(
                "Whether a Gateway's server or listener may take every host in TLS. OpenShift's router names none when it " +
                    "speaks TLS to the gateway (a service's tls.mode: reencrypt); VirtualServices and HTTPRoutes say " +
                    "which there are.",
            ),
    }),
    judge(resource, { tlsServersBehindRouter }) {
        if (isKind(resource, ...ROUTE)) {
            return [
                ...noWildcards(resource, find(resource.props, "spec", "host")),
                ...judgeEach(find(resource.props, "spec", "wildcardPolicy"), (policy) =>
                    policy === "None" ? undefined : `${objectOf(resource)} takes all hosts below its own: ${REMEDY}`,
                ),
            ];
        }
        if (isKind(resource, "networking.istio.io", "VirtualService")) {
            return noWildcards(resource, find(resource.props, "spec", "hosts", EACH));
        }
        if (isKind(resource, GATEWAY_API, "HTTPRoute")) {
            return ofRoute(resource);
        }
        if (isKind(resource, GATEWAY_API, "Gateway")) {
            return find(resource.props, "spec", "listeners", EACH).flatMap((one) =>
                ofListener(resource, one, tlsServersBehindRouter),
            );
        }
        return isKind(resource, "networking.istio.io", "Gateway")
            ? find(resource.props, "spec", "servers", EACH).flatMap((server) =>
                  noWildcards(
                      resource,
                      below(server, find(server.value, "hosts", EACH)),
                      // Without a certificate of its own a server does not end TLS, and sees the client's names.
                      tlsServersBehindRouter && get(server.value, "tls", "mode") === "SIMPLE" ? ["*"] : [],
                  ),
              )
            : [];
    },
});

/** Without a hostname, an HTTPRoute is for every host (kubernetes-sigs/gateway-api, apis/v1/httproute_types.go). */
function ofRoute(resource: Declared): Finding[] {
    const hosts = find(resource.props, "spec", "hostnames", EACH);
    const said = get(resource.props, "spec", "hostnames");
    return said === UNKNOWN
        ? [notJudged("spec.hostnames")]
        : hosts.length === 0
          ? [wrong(`${objectOf(resource)} answers for every host (it has no hostnames): ${REMEDY}`)]
          : noWildcards(resource, hosts);
}

/** A listener without a hostname takes what HTTPRoutes name. */
function ofListener(resource: Declared, listener: Found, inTls: boolean): Finding[] {
    const hosts = below(listener, find(listener.value, "hostname"));
    const tls = get(listener.value, "tls", "mode") === "Terminate";
    return hosts.length === 0 && tls && !inTls
        ? [wrong(`${objectOf(resource)} answers for every host in TLS (${listener.path}): ${REMEDY}`)]
        : noWildcards(resource, hosts);
}

function below({ path }: Found, found: Found[]): Found[] {
    return found.map((each) => ({ ...each, path: [path, each.path].filter((part) => part !== "").join(".") }));
}

function noWildcards(resource: Declared, hosts: Found[], taken: string[] = []): Finding[] {
    return judgeEach(hosts, (host: string, path) =>
        host.includes("*") && !taken.includes(host.split("/").at(-1) as string)
            ? `${objectOf(resource)} answers for ${host} (${path}): ${REMEDY}`
            : undefined,
    );
}

/** Past the gateway, no rule of the mesh sees the request; and the sidecar, which wants mutual TLS, refuses it. */
export const noRoutePastMesh = stackRule({
    name: "no-route-past-mesh",
    description: "No Route leads straight to a service in the mesh.",
    level: everywhere,
    settings: z.object({}),
    judgeStack(resources) {
        const services = resources.filter((r) => isKind(r, "core", "Service"));
        const workloads = meshedWorkloads(resources);
        return resources
            .filter((r) => isKind(r, ...ROUTE))
            .flatMap((of) => {
                const namespace = get(of.props, "metadata", "namespace");
                const targets = [
                    ...find(of.props, "spec", "to", "name"),
                    ...find(of.props, "spec", "alternateBackends", EACH, "name"),
                ];
                return targets.map(({ value: target }) => {
                    const meshed = some(
                        workloads.map((workload) =>
                            every([
                                workload.asks,
                                same(workload.namespace, namespace),
                                leadsTo(services, namespace, target, workload),
                            ]),
                        ),
                    );
                    return { of, meshed, target };
                });
            })
            .flatMap(({ of, meshed, target }) =>
                meshed === false
                    ? []
                    : [
                          {
                              ...(meshed === true ? wrong(past(of, target)) : notJudged(`where ${objectOf(of)} leads`)),
                              of,
                          },
                      ],
            );
    },
});

function past(route: Declared, target: unknown): string {
    return (
        `${objectOf(route)} leads to Service ${String(target)}, whose pods are in the mesh: let it lead to the ` +
        "ingress gateway (give the service a host in mesh:namespaces), or cut it off"
    );
}

/** Whether a Service by that name has a workload's pods behind it. Of somebody else's nothing is known. */
function leadsTo(
    services: Declared[],
    namespace: unknown,
    name: unknown,
    { labels, name: workload }: { labels: unknown; name: unknown },
) {
    const ours = some(
        services.map(({ props }) => {
            const selector = get(props, "spec", "selector");
            const any = selector === UNKNOWN ? UNKNOWN : Object.keys((selector as object | undefined) ?? {}).length > 0;
            return every([
                same(get(props, "metadata", "namespace"), namespace),
                same(get(props, "metadata", "name"), name),
                any,
                selects(selector, labels),
            ]);
        }),
    );
    // A Service that is not this stack's mostly has its workload's name.
    return ours === false && labels === UNKNOWN && same(name, workload) === true ? UNKNOWN : ours;
}
