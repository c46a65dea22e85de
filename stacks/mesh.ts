import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { everyOne, ExposedListeners, type Ingress, type Membership, Namespaces, Operator } from "../components";
import type { Context } from "../components";
import { internalHost } from "../specs/ingress";
import { belongs, labelsOf, membership } from "./members";
import { namespaceName, resolveNames } from "./names";
import { meshedNamespace } from "./namespace";
import { type MeshOutputs, urlOf } from "./outputs";
import type { Plan } from "./plan";
import { type MadeSide, meshSide } from "./sides";

export interface StackInputs {
    plan: Plan;
    /** mesh:secrets, as secrets. */
    secrets: Record<string, pulumi.Output<string>>;
}

/**
 * The whole mesh in one stack: operators, control plane, exceptions, members, services, policies, the way in. A stack that
 * is moving to another generation has two meshes for a while, and each namespace's services are in one of them.
 */
export function mesh({ plan, secrets }: StackInputs, context: Context): MeshOutputs {
    const suffix: pulumi.Output<string | undefined> = pulumi.output(
        plan.config.uniqueNames
            ? new random.RandomString("suffix", { length: 4, special: false, upper: false }).result
            : undefined,
    );
    const { own } = new Namespaces("namespaces", { namespaces: ownNamespaces(plan, suffix) }, context);
    const operators = installOperators(plan, context);
    const sides = [plan.now, ...(plan.next ? [plan.next] : [])].map((side) =>
        meshSide(side, { plan, suffix, operators, own }, context),
    );
    const exceptions = new ExposedListeners("exceptions", { listeners: plan.exceptions });
    const memberships = sides.map((made) =>
        membership(made, { plan, suffix, own, after: everyOne(made.controlPlane.ready, exceptions.ready) }),
    );
    const ways = Object.keys(plan.config.namespaces)
        .sort()
        .map((key) => {
            const at = sides.findIndex(({ side }) => belongs(plan, side.dialect, key));
            return meshedNamespace(key, {
                made: sides[at],
                all: sides,
                namespace: suffix.apply((s) => namespaceName(key, plan.owned, s)),
                ownNamespace: own[key],
                secrets,
                joined: memberships[at].ready,
            });
        });
    return outputsOf(plan, { now: sides[0], suffix, operators, memberships, ways });
}

/** Every namespace that is ours, with the labels that its meshes want on it. */
function ownNamespaces(plan: Plan, suffix: pulumi.Output<string | undefined>) {
    const sides = [plan.now, ...(plan.next ? [plan.next] : [])];
    return Object.fromEntries(
        [...plan.owned].map((key) => [
            key,
            {
                name: suffix.apply((s) => namespaceName(key, plan.owned, s)),
                protect: plan.config.protect && key === plan.config.controlPlane.namespace,
                labels: suffix.apply((s) => {
                    const inCluster = sides.map((side) => resolveNames(side.config, plan.owned, s, plan.domain));
                    return Object.assign(
                        {},
                        ...sides.map(({ dialect }, i) =>
                            key in plan.config.namespaces ? labelsOf(plan, dialect, inCluster[i], key) : {},
                        ),
                        ...sides.flatMap(({ dialect, config }, i) =>
                            dialect
                                .homes(config)
                                .flatMap((home, at) =>
                                    home.name === key ? [dialect.homes(inCluster[i])[at].labels] : [],
                                ),
                        ),
                    ) as Record<string, string>;
                }),
            },
        ]),
    );
}

/** Each operator after those that its generation wants before it; the others side by side. */
function installOperators(plan: Plan, context: Context): Record<string, Operator> {
    const made: Record<string, Operator> = {};
    for (const { operator, ...args } of plan.operators) {
        const side = [plan.now, plan.next].find((s) => s?.packages[operator.key] === operator.package);
        made[operator.package] = new Operator(operator.package, { operator, ...args }, context, {
            dependsOn: everyOne(...operator.after.map((key) => made[side?.packages[key] ?? ""]?.ready)),
        });
    }
    return made;
}

interface Made {
    now: MadeSide;
    suffix: pulumi.Output<string | undefined>;
    operators: Record<string, Operator>;
    memberships: Membership[];
    ways: (Ingress | undefined)[];
}

function outputsOf(plan: Plan, { now, suffix, operators, memberships, ways }: Made): MeshOutputs {
    const hosts = pulumi
        .all(ways.map((way) => way?.hosts ?? pulumi.output<Record<string, string>>({})))
        .apply((each) => Object.assign({}, ...each) as Record<string, string>);
    const consoles = now.consoles?.hosts ?? pulumi.output<Record<string, string>>({});
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
        // Said only once it is really so.
        controlPlane: pulumi
            .all([now.inCluster, now.controlPlane.state, now.controlPlane.ready])
            .apply(([config, state]) => ({
                name: config.controlPlane.name,
                namespace: config.controlPlane.namespace,
                generation: config.generation,
                version: now.side.dialect.version(config) ?? state.version ?? "",
                mtls: config.controlPlane.mtls,
            })),
        operators: pulumi.all(
            Object.fromEntries(plan.operators.map(({ operator: o }) => [o.package, operators[o.package].csv])),
        ),
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
