import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import {
    AccessPolicies,
    ControlPlane,
    everyOne,
    ExposedListeners,
    Ingress,
    MeshedService,
    Membership,
    Operator,
} from "../components";
import type { Context } from "../components";
import type { MeshConfig } from "../config/schema";
import { internalHost } from "../specs/ingress";
import { namespaceName, resolveNames } from "./names";
import { type MeshOutputs, urlOf } from "./outputs";
import type { Plan } from "./plan";

export interface StackInputs {
    plan: Plan;
    /** mesh:secrets, as secrets. */
    secrets: Record<string, pulumi.Output<string>>;
}

/** The whole mesh in one stack: operators, control plane, exceptions, members, services, policies, the way in. */
export function mesh({ plan, secrets }: StackInputs, context: Context): MeshOutputs {
    const { config } = plan;
    const suffix = config.uniqueNames
        ? new random.RandomString("suffix", { length: 4, special: false, upper: false }).result
        : undefined;
    const inCluster: pulumi.Output<MeshConfig> = pulumi
        .output(suffix)
        .apply((s) => resolveNames(config, plan.owned, s, plan.domain));
    const nameOf = (namespace: string): pulumi.Output<string> =>
        pulumi.output(suffix).apply((s) => namespaceName(namespace, plan.owned, s));

    const operators = installOperators(plan, context);
    const controlPlane = new ControlPlane(
        config.controlPlane.name,
        {
            config: inCluster,
            ownNamespace: plan.owned.has(config.controlPlane.namespace) ? config.controlPlane.namespace : undefined,
            foreseen: plan.foreseenConsoles,
        },
        context,
        { dependsOn: everyOne(...Object.values(operators).map((o) => o.ready)) },
    );

    const members = Object.keys(config.namespaces).sort();
    const exceptions = new ExposedListeners("exceptions", { listeners: plan.exceptions });
    const membership = new Membership(
        "members",
        {
            by: config.membership,
            controlPlane: inCluster.apply((c) => ({ name: c.controlPlane.name, namespace: c.controlPlane.namespace })),
            namespaces: Object.fromEntries(
                members.map((key) => [key, { name: nameOf(key), owned: plan.owned.has(key) }]),
            ),
            networkType: plan.facts.networkType,
        },
        context,
        { dependsOn: everyOne(controlPlane.ready, exceptions.ready) },
    );

    const ways = members.map((key) =>
        meshedNamespace(key, { plan, secrets, inCluster, namespace: nameOf(key), membership }, context),
    );
    return outputsOf(plan, { inCluster, suffix: pulumi.output(suffix), operators, controlPlane, membership, ways });
}

/** Each operator after those that its generation wants before it; the others side by side. */
function installOperators(plan: Plan, context: Context): Record<string, Operator> {
    const made: Record<string, Operator> = {};
    for (const { operator, ...args } of plan.operators) {
        made[operator.key] = new Operator(operator.package, { operator, ...args }, context, {
            dependsOn: everyOne(...operator.after.map((key) => made[key].ready)),
        });
    }
    return made;
}

interface NamespaceInputs {
    plan: Plan;
    secrets: Record<string, pulumi.Output<string>>;
    inCluster: pulumi.Output<MeshConfig>;
    namespace: pulumi.Output<string>;
    membership: Membership;
}

/** The services of one namespace: rules first, then the services, and the way in when both are there. */
function meshedNamespace(key: string, inputs: NamespaceInputs, context: Context): Ingress | undefined {
    const { plan, secrets, inCluster, namespace, membership } = inputs;
    const { gateway, services } = plan.config.namespaces[key];
    const ownNamespace = membership.namespaces[key];
    const resolved = (service: string) => inCluster.apply((c) => c.namespaces[key].services[service]);

    const guarded = Object.keys(services).filter((name) => services[name].allow !== "anyone");
    const policies =
        guarded.length === 0
            ? undefined
            : new AccessPolicies(
                  key,
                  {
                      namespace,
                      ownNamespace,
                      services: Object.fromEntries(
                          guarded.map((name) => [name, resolved(name).apply((s) => s.allow) as pulumi.Output<never>]),
                      ),
                  },
                  context,
                  { dependsOn: membership.ready },
              );
    const running = mapValues(
        services,
        (config, service) =>
            new MeshedService(
                `${key}/${service}`,
                { service, namespace, ownNamespace, config, secrets },
                context,
                // A service that not everyone may call is never up without its rule.
                { dependsOn: everyOne(membership.ready, policies?.ready[service]) },
            ),
    );
    const exposed = Object.entries(services).filter(([, service]) => service.host !== undefined);
    return exposed.length === 0
        ? undefined
        : new Ingress(
              key,
              {
                  namespace,
                  ownNamespace,
                  gateway,
                  services: exposed.map(([name, service]) => ({
                      name,
                      host: resolved(name).apply((s) => s.host as string),
                      port: service.port,
                      ready: running[name].ready,
                  })),
                  routesFromGateways: context.dialect.routesFromGateways(plan.config),
              },
              context,
          );
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A, key: string) => B): Record<string, B> {
    return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}

interface Made {
    inCluster: pulumi.Output<MeshConfig>;
    suffix: pulumi.Output<string | undefined>;
    operators: Record<string, Operator>;
    controlPlane: ControlPlane;
    membership: Membership;
    ways: (Ingress | undefined)[];
}

function outputsOf(plan: Plan, made: Made): MeshOutputs {
    const hosts = pulumi
        .all(made.ways.map((way) => way?.hosts ?? pulumi.output<Record<string, string>>({})))
        .apply((each) => Object.assign({}, ...each) as Record<string, string>);
    const { consoles } = made.controlPlane;
    const routeHosts = pulumi.all([hosts, consoles]).apply(([services, c]) => ({ ...services, ...c }));
    return {
        routeHosts,
        urls: pulumi
            .all([routeHosts, consoles])
            .apply(([all, c]) =>
                Object.fromEntries(Object.entries(all).map(([name, host]) => [name, urlOf(name, host, c)])),
            ),
        // Said only once it is really so.
        controlPlane: pulumi.all([made.inCluster, made.controlPlane.ready]).apply(([config]) => ({
            name: config.controlPlane.name,
            namespace: config.controlPlane.namespace,
            generation: config.generation,
            version: plan.dialect.version(config),
            mtls: config.controlPlane.mtls,
        })),
        operators: pulumi.all(
            Object.fromEntries(plan.operators.map((o) => [o.operator.package, made.operators[o.operator.key].csv])),
        ),
        members: made.membership.configured,
        services: made.suffix.apply((suffix) =>
            Object.fromEntries(
                Object.entries(plan.config.namespaces).flatMap(([key, { services }]) =>
                    Object.entries(services).map(([name, { port }]) => {
                        const namespace = namespaceName(key, plan.owned, suffix);
                        return [name, { namespace, host: internalHost(name, namespace), port }];
                    }),
                ),
            ),
        ),
    };
}
