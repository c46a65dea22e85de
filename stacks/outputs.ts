import * as pulumi from "@pulumi/pulumi";
import type { Ingress, Membership } from "../components";
import type { PlatformOutput } from "../config/platform";
import type { Outputs } from "../consumer/contract";
import { internalHost } from "../specs/ingress";
import type { Base } from "./base";
import { namespaceName } from "./names";
import type { Plan } from "./plan";

/**
 * The contract (consumer/contract.ts), as the program fulfils it; and of a platform, what the workloads stacks of this
 * program read.
 */
export type MeshOutputs = { [K in keyof Outputs]: pulumi.Output<Outputs[K]> } & {
    platform?: pulumi.Output<PlatformOutput>;
};

export interface Exposed {
    memberships: Pick<Membership, "configured">[];
    /** The way in of each namespace that has one. */
    ways: (Ingress | undefined)[];
}

/** What a stack tells others. Nothing is said before it is so. */
export function outputsOf(plan: Plan, { suffix, consoles, told }: Base, { memberships, ways }: Exposed): MeshOutputs {
    const hosts = pulumi
        .all(ways.map((way) => way?.hosts ?? pulumi.output<Record<string, string>>({})))
        .apply((each) => Object.assign({}, ...each) as Record<string, string>);
    const routeHosts = pulumi.all([hosts, consoles]).apply(([services, c]) => ({ ...services, ...c }));
    const secured = new Set(
        Object.values(plan.config.namespaces).flatMap(({ services }) =>
            Object.keys(services).filter((name) => services[name].tls !== undefined),
        ),
    );
    return {
        routeHosts,
        urls: pulumi
            .all([routeHosts, consoles])
            .apply(([all, c]) =>
                Object.fromEntries(Object.entries(all).map(([name, host]) => [name, urlOf(name, host, c, secured)])),
            ),
        ...told,
        members: pulumi.all(memberships.map((m) => m.configured)).apply((lists) => [...new Set(lists.flat())].sort()),
        services: suffix.apply((s) =>
            Object.fromEntries(
                Object.entries(plan.config.namespaces).flatMap(([key, { services }]) =>
                    Object.entries(services).map(([name, { port }]) => {
                        const namespace = namespaceName(key, plan.owned, s);
                        return [name, { namespace, host: internalHost(name, namespace), port }];
                    }),
                ),
            ),
        ),
    };
}

/**
 * Consoles answer by TLS, except for the gateway's own Route (recorded: maistra117 N1); services in plain HTTP unless they
 * are given TLS.
 */
export function urlOf(
    name: string,
    host: string,
    consoles: Record<string, string>,
    secured: ReadonlySet<string>,
): string {
    const tls = name in consoles ? name !== "ingressgateway" : secured.has(name);
    return `${tls ? "https" : "http"}://${host}`;
}
