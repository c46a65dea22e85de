/** Checks that need more than one key to be seen. They know nothing of a cluster: those are in check-cluster.ts. */
import { dialects } from "../dialects";
import { checkControlPlane } from "./check-control-plane";
import { checkHomes, checkNames } from "./check-names";
import { checkNext } from "./check-next";
import { checkPart } from "./check-part";
import { checkPolicies, type Names } from "./check-policies";
import { checkTls } from "./check-tls";
import { servicesOf } from "./hosts";
import { valueAt } from "./issues";
import { effective } from "./next";
import { didYouMean, keyOf, pathOf, type Problem } from "./problems";
import { parseQuantity } from "./quantity";
import type { MeshConfig } from "./schema";

/**
 * Everything that is wrong with a configuration whose values are each right in themselves.
 * @param given the configuration as it was written: tells which keys were given, and which names there are even where
 * what bears them is broken
 */
export function checkConfig(config: MeshConfig, given: unknown = config): Problem[] {
    const names = namesIn(given);
    const { now, next } = effective(config);
    const [today, tomorrow] = [now, next].map((side) =>
        side === undefined
            ? []
            : checkGeneration(side, given, names).map((problem) => asWritten(problem, side, config, given)),
    );
    const all = [
        ...checkPart(config, given),
        ...today,
        ...tomorrow,
        ...checkNames(config),
        ...checkKinds(config, given),
        ...checkSecrets(config, names),
        ...checkExistingRoutes(config, given),
        ...checkNext(config),
    ];
    const seen = new Set<string>();
    return all.filter(({ key }) => !seen.has(key) && seen.add(key));
}

/** What concerns one generation: the control plane, and what it can make of the services. */
function checkGeneration(config: MeshConfig, given: unknown, names: Names): Problem[] {
    return [
        ...checkRefusals(config, given),
        ...checkConsoles(config),
        ...checkControlPlane(config),
        ...checkHomes(config),
        ...checkResources(config),
        ...checkDisruption(config),
        ...checkTls(config),
        ...checkPolicies(config, names),
    ];
}

/** A problem of a generation that `next` tells about, with its key as it was written. */
function asWritten(problem: Problem, side: MeshConfig, config: MeshConfig, given: unknown): Problem {
    const path = pathOf(problem.key);
    const inNext = ["next", ...path];
    if (side.controlPlane !== config.next?.controlPlane || !["controlPlane", "operators"].includes(String(path[0]))) {
        return problem;
    }
    if (valueAt(given, inNext) !== undefined || valueAt(given, path) === undefined) {
        return { ...problem, key: keyOf(inNext) };
    }
    return { ...problem, hint: `give ${keyOf(inNext)} what generation ${side.generation} can honour` };
}

function namesIn(given: unknown): Names {
    const keys = (...path: string[]) => {
        const value = valueAt(given, path);
        return isPlainObject(value) ? Object.keys(value) : [];
    };
    const readable = (...path: string[]) => {
        const value = valueAt(given, path);
        return value === undefined || isPlainObject(value);
    };
    const namespaces = keys("namespaces");
    const services = namespaces.flatMap((name) =>
        keys("namespaces", name, "services").map((service) => `${name}/${service}`),
    );
    return {
        namespaces: new Set(namespaces),
        services: new Set(services),
        unreadable: new Set(namespaces.filter((name) => !readable("namespaces", name, "services"))),
        ...(readable("secrets") ? { secrets: new Set(keys("secrets")) } : {}),
    };
}

function isPlainObject(value: unknown): value is object {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What the generation cannot honour. Nothing is said when it is not known which generation is meant. */
function checkRefusals(config: MeshConfig, given: unknown): Problem[] {
    return [["generation"], ["next", "generation"]].some((path) => valueAt(given, path) === config.generation)
        ? dialects[config.generation].refuse(config)
        : [];
}

function checkConsoles({ controlPlane: { consoles, tracing } }: MeshConfig): Problem[] {
    return consoles.flatMap((name, index) => {
        const problem = (allowed: string) => [
            { key: keyOf(["controlPlane", "consoles", index]), found: name, allowed },
        ];
        if (consoles.indexOf(name) !== index) {
            return problem("each console once");
        }
        return name === "jaeger" && !tracing.enabled ? problem("only while mesh:controlPlane.tracing is enabled") : [];
    });
}

/** What keeps pods while nodes are drained, of those that this stack deploys. */
function checkDisruption(config: MeshConfig): Problem[] {
    return servicesOf(config).flatMap(({ path, service: { minAvailable, replicas, existing, antiAffinity } }) => {
        const at = (name: string) => keyOf([...path, name]);
        const others = `nothing with existing: ${existing}, whose pods are others'`;
        if (existing !== undefined) {
            return [
                ...(minAvailable === undefined
                    ? []
                    : [{ key: at("minAvailable"), found: String(minAvailable), allowed: others }]),
                ...(antiAffinity === "none" ? [] : [{ key: at("antiAffinity"), found: antiAffinity, allowed: others }]),
            ];
        }
        const allowed = `less than replicas, which is ${replicas}, or no node could be drained`;
        return minAvailable === undefined || minAvailable < replicas
            ? []
            : [{ key: at("minAvailable"), found: String(minAvailable), allowed }];
    });
}

interface Sized {
    requests?: { cpu?: string | undefined; memory?: string | undefined } | undefined;
    limits?: { cpu?: string | undefined; memory?: string | undefined } | undefined;
}

function checkResources(config: MeshConfig): Problem[] {
    const sized: [string[], Sized | undefined][] = [
        ...Object.entries(config.operators).map(
            ([name, { resources }]) => [["operators", name, "resources"], resources] as [string[], Sized | undefined],
        ),
        [["controlPlane", "proxy"], config.controlPlane.proxy],
        [["controlPlane", "mixer", "telemetry"], config.controlPlane.mixer?.telemetry],
        [["controlPlane", "gateways", "ingress"], config.controlPlane.gateways.ingress],
        ...servicesOf(config).map(({ path, service }) => [path, service] as [string[], Sized]),
    ];
    return sized.flatMap(([path, resources]) =>
        (["cpu", "memory"] as const).flatMap((unit) => {
            const request = resources?.requests?.[unit];
            const limit = resources?.limits?.[unit];
            if (
                request === undefined ||
                limit === undefined ||
                (parseQuantity(request) ?? 0) <= (parseQuantity(limit) ?? 0)
            ) {
                return [];
            }
            return [
                {
                    key: keyOf([...path, "requests", unit]),
                    found: request,
                    allowed: `at most the limit, which is ${limit}`,
                },
            ];
        }),
    );
}

/** The three ways in which a service comes about. */
const ORIGINS = ["image", "build", "existing"] as const;

/** What a service that is there already cannot be told from here. */
const DEPLOYED_ONLY = ["replicas", "properties", "env", "requests", "limits", "probes"];

function checkKinds(config: MeshConfig, given: unknown): Problem[] {
    return servicesOf(config).flatMap(({ path, service }) => {
        const origins = ORIGINS.filter((name) => service[name] !== undefined);
        if (origins.length !== 1) {
            const found =
                origins.length === 0 ? "neither image nor build nor existing" : `both ${origins.join(" and ")}`;
            const allowed =
                "exactly one: image (this stack deploys it), build (OpenShift builds its image) or existing (its " +
                "workload is there already)";
            return [{ key: keyOf(path), found, allowed }];
        }
        const { existing } = service;
        if (existing === undefined || given === config) {
            return [];
        }
        return DEPLOYED_ONLY.filter((name) => valueAt(given, [...path, name]) !== undefined).map((name) => ({
            key: keyOf([...path, name]),
            found: "given",
            allowed: `only with image or build: an existing ${existing} gets a sidecar and is not changed otherwise`,
        }));
    });
}

function checkSecrets(config: MeshConfig, { secrets }: Names): Problem[] {
    return servicesOf(config).flatMap(({ path, service }) =>
        Object.entries(service.env).flatMap(([name, value]) => {
            if (
                typeof value === "string" ||
                !("secret" in value) ||
                secrets === undefined ||
                secrets.has(value.secret)
            ) {
                return [];
            }
            const hint =
                didYouMean(value.secret, secrets) ??
                `pulumi config set --secret --path ${keyOf(["secrets", value.secret])}`;
            return [
                {
                    key: keyOf([...path, "env", name, "secret"]),
                    found: value.secret,
                    allowed: "a name in mesh:secrets",
                    hint,
                },
            ];
        }),
    );
}

/** As far as the configuration alone can tell: what a Route leads to is known only from the cluster. */
function checkExistingRoutes(config: MeshConfig, given: unknown): Problem[] {
    return Object.entries(config.namespaces).flatMap(([namespace, { existingRoutes, services }]) => {
        const hasHost = (name: string) =>
            valueAt(given, ["namespaces", namespace, "services", name, "host"]) !== undefined;
        const all = Object.keys(services);
        const managed = Object.keys(existingRoutes).filter((route) => existingRoutes[route] === "managed");
        return managed.flatMap((route) => {
            const same = all.includes(route);
            if (all.length === 0 || (same ? hasHost(route) : all.some(hasHost))) {
                return [];
            }
            const where = same ? `service ${route}` : "a service of this namespace";
            const allowed = `only when ${where} has a host, under which the mesh lets it be reached`;
            return [{ key: keyOf(["namespaces", namespace, "existingRoutes", route]), found: "managed", allowed }];
        });
    });
}
