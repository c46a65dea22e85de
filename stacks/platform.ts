import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { type Context, everyOne, Namespaces, Operator } from "../components";
import type { PlatformOutput } from "../config/platform";
import type { Base } from "./base";
import { labelsOf } from "./members";
import { namespaceName, resolveNames } from "./names";
import type { Plan } from "./plan";
import { type MadeSide, meshSide } from "./sides";

/** The mesh itself: its operators, its namespaces, its control plane, gateway and consoles. */
export function platform(plan: Plan, context: Context): Base {
    const suffix: pulumi.Output<string | undefined> = pulumi.output(
        plan.config.uniqueNames
            ? new random.RandomString("suffix", { length: 4, special: false, upper: false }).result
            : undefined,
    );
    const { own } = new Namespaces("namespaces", { namespaces: ownNamespaces(plan, suffix) }, context);
    const operators = installOperators(plan, context);
    const inputs = { plan, suffix, operators, own };
    const now = meshSide(plan.now, inputs, context);
    return {
        suffix,
        own,
        sides: [now, ...(plan.next ? [meshSide(plan.next, inputs, context)] : [])],
        consoles: now.consoles?.hosts ?? pulumi.output<Record<string, string>>({}),
        told: {
            // Said only once it is really so.
            controlPlane: pulumi.all([now.inCluster, now.version, now.ready]).apply(([config, version]) => ({
                name: config.controlPlane.name,
                namespace: config.controlPlane.namespace,
                generation: config.generation,
                version,
                mtls: config.controlPlane.mtls,
            })),
            operators: pulumi.all(
                Object.fromEntries(plan.operators.map(({ operator: o }) => [o.package, operators[o.package].csv])),
            ),
        },
    };
}

/** What workloads stacks have to know of it. Told once it takes them. */
export function toldToWorkloads(plan: Plan, suffix: Base["suffix"], side: MadeSide): pulumi.Output<PlatformOutput> {
    return pulumi.all([side.inCluster, suffix, side.open]).apply(([config, s]) => ({
        generation: config.generation,
        controlPlane: config.controlPlane,
        membership: config.membership,
        namespaces: Object.fromEntries(
            Object.keys(plan.config.namespaces).map((key) => [key, namespaceName(key, plan.owned, s)]),
        ),
        domain: plan.domain,
        ...(s === undefined ? {} : { suffix: s }),
        ...(plan.facts.networkType === undefined ? {} : { networkType: plan.facts.networkType }),
    })) as pulumi.Output<PlatformOutput>;
}

/** Every namespace that is ours, with the labels that its meshes want on it. */
function ownNamespaces(plan: Plan, suffix: Base["suffix"]) {
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
