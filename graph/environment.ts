import { loadConfig } from "../config/load";
import type { MeshConfig, ServiceConfig } from "../config/schema";
import { readStackFile } from "../config/stack-file";
import { assumedFacts } from "../render/assumed-facts";
import { platformBeside } from "../render/platform-beside";
import { belongs } from "../stacks/members";
import { namespaceName, resolveNames } from "../stacks/names";
import { decide, type Plan, type Side } from "../stacks/plan";
import { entryOf, namedIn, policiesOf, whatOf } from "./access";
import type { Call, Environment, MeshBox, NamespaceBox, OperatorBox, ServiceBox } from "./model";

/** Stands for the random suffix of environments with unique names. */
const SUFFIX = "x7k2";

/** The environment of a stack file, with no cluster. Errors: those of the config and of what follows from it. */
export async function readEnvironment(stack: string, file = `Pulumi.${stack}.yaml`): Promise<Environment> {
    const raw = readStackFile(file);
    const from = await platformBeside(raw, file);
    return environmentOf(stack, loadConfig(raw, { file, ...(from ? { platform: from.platform } : {}) }));
}

/** What an environment is, from what is decided before anything is touched. Pure. */
export function environmentOf(stack: string, config: MeshConfig): Environment {
    const mark = `organization/mesh/${stack}`;
    const plan = decide(config, assumedFacts(config, mark), mark);
    const suffix = config.platform ? config.platform.suffix : config.uniqueNames ? SUFFIX : undefined;
    const sides = [plan.now, ...(plan.next ? [plan.next] : [])].map((side) => ({
        ...side,
        config: resolveNames(side.config, plan.owned, suffix, plan.domain),
    }));
    const namespaces = Object.keys(config.namespaces)
        .sort()
        .map((key) => {
            const mesh = sides.findIndex(({ dialect }) => belongs(plan, dialect, key));
            return namespaceOf(plan, key, namespaceName(key, plan.owned, suffix), sides[mesh], mesh);
        });
    const calls = callsIn(sides[0].config, (key) => namespaceName(key, plan.owned, suffix));
    return {
        stack,
        operators: plan.operators.map(operatorOf),
        meshes: sides.map((side, at) => meshOf(side, at > 0)),
        namespaces: [...namespaces, ...strangers(calls, namespaces)],
        calls,
    };
}

function operatorOf({ operator, namespace, install }: Plan["operators"][number]): OperatorBox {
    return {
        package: operator.package,
        namespace,
        channel: install?.channel ?? "",
        approval: install?.approval ?? "",
        theirs: install === undefined,
    };
}

function meshOf({ dialect, config, foreseenConsoles }: Side, next: boolean): MeshBox {
    const { name, namespace, mtls, tracing, version } = config.controlPlane;
    const { service, namespace: gatewayNamespace } = dialect.gateway(config);
    return {
        generation: config.generation,
        name,
        namespace,
        version: dialect.version(config) ?? version ?? "",
        mtls,
        tracing: tracing.enabled ? `${tracing.sampling} % to ${tracing.backend}` : "off",
        membership: config.membership,
        gateway: { service, namespace: gatewayNamespace },
        consoles: next ? {} : consolesOf(dialect.consoleRoutes(config), foreseenConsoles),
        next,
    };
}

/** Hosts by the names that users know the consoles by; the gateway's own Route shows nothing. */
function consolesOf(routes: Record<string, { name: string }>, hosts: Record<string, string>): Record<string, string> {
    const consoles = Object.entries(routes).filter(([name]) => name !== "ingressgateway");
    return Object.fromEntries(consoles.map(([name, route]) => [name, hosts[route.name]]));
}

function namespaceOf(plan: Plan, key: string, name: string, side: Side, mesh: number): NamespaceBox {
    const { gateway, services } = side.config.namespaces[key];
    const entry = side.dialect.gateway(side.config);
    const boxes = Object.keys(services)
        .sort()
        .map((service) => serviceOf(name, service, services[service], side));
    const there = plan.exceptions.filter(({ namespace }) => namespace === key);
    return {
        name,
        mesh,
        ...(entry.parent === undefined && boxes.some(({ host }) => host !== undefined) ? { gateway } : {}),
        services: boxes,
        exceptions: there.map((listener) => ({ name: listener.name, host: hostOf(plan, listener) })),
    };
}

/** The Route of a listener is to its Service, el-<listener> (tektoncd/triggers, pkg/reconciler/eventlistener). */
function hostOf(plan: Plan, listener: { namespace: string; name: string }): string {
    const route = plan.facts.routes.find((r) => r.namespace === listener.namespace && r.listener === listener.name);
    return route?.host ?? "";
}

function serviceOf(namespace: string, name: string, service: ServiceConfig, { dialect, config }: Side): ServiceBox {
    const { port, replicas, host, tls, build, existing } = service;
    const origin = build ? "built from git" : existing ? `existing ${existing}` : undefined;
    return {
        id: `${namespace}/${name}`,
        name,
        port,
        replicas,
        ...(origin === undefined ? {} : { origin }),
        ...(host === undefined ? {} : { host, entry: entryOf(service, dialect.gateway(config)) }),
        ...(tls === undefined ? {} : { tls: tls.mode }),
        policies: policiesOf(name, service),
    };
}

function callsIn(config: MeshConfig, nameOf: (key: string) => string): Call[] {
    return Object.keys(config.namespaces)
        .sort()
        .flatMap((key) =>
            Object.entries(config.namespaces[key].services)
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .flatMap(([name, { allow }]) =>
                    (allow === "anyone" ? [] : allow).flatMap((rule) =>
                        namedIn(rule, nameOf(key)).map((from) => ({
                            from,
                            to: `${nameOf(key)}/${name}`,
                            what: whatOf(rule),
                        })),
                    ),
                ),
        );
}

/** Callers that are none of this stack's: their namespaces, with the services in them that are named. */
function strangers(calls: Call[], own: NamespaceBox[]): NamespaceBox[] {
    const known = new Set([...own.map(({ name }) => name), ...own.flatMap((n) => n.services.map(({ id }) => id))]);
    const foreign = calls.map(({ from }) => from).filter((from) => !known.has(from) && !from.endsWith("*"));
    const names = new Set(foreign.map((from) => from.split("/")[0]).filter((name) => !known.has(name)));
    return [...names].sort().map((name) => ({ name, services: [], exceptions: [] }));
}
