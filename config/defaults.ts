/** Fills in what a configuration leaves out and what differs by generation. */
import type { Dialect } from "../dialects";
import { dialects } from "../dialects";
import type { GenerationName } from "./generations";
import { ownMembership } from "./check-part";
import { valueAt } from "./issues";
import type { DeepPartial } from "./partial";
import type { Platform } from "./platform";
import type { GivenConfig, MeshConfig, NextConfig } from "./schema";
import {
    controlPlane as controlPlaneSchema,
    type ControlPlaneConfig,
    type GivenControlPlane,
} from "./schema-control-plane";
import type { GivenNext } from "./schema-next";
import { operators as operatorsSchema } from "./schema-operators";

/**
 * The configuration with every default.
 * @param data what `given` was read from: tells what was given, apart from the defaults that the schema knows
 * @param platform of a workloads stack
 */
export function complete(given: GivenConfig, data: unknown, platform?: Platform): MeshConfig {
    const { next, platform: _named, ...rest } = given;
    const { defaults } = dialects[given.generation] as Dialect;
    const own = given.part === "workloads" ? ownMembership(given.generation) : defaults.membership;
    const config: MeshConfig = {
        ...rest,
        // Of another generation than the file says, it would only add to what is wrong with that.
        controlPlane:
            (platform?.generation === given.generation && platform.controlPlane) ||
            completeControlPlane(given.controlPlane, given.generation),
        membership: given.membership ?? own,
        ...(platform === undefined ? {} : { platform, uniqueNames: platform.suffix !== undefined }),
    };
    return next === undefined ? config : { ...config, next: completeNext(next, config, data) };
}

/** A control plane with every default of its generation. */
export function completeControlPlane(given: GivenControlPlane, generation: GenerationName): ControlPlaneConfig {
    const { defaults } = dialects[generation] as Dialect;
    const { tracing, gateways } = given;
    const namespace = gateways.ingress.namespace ?? defaults.gatewayNamespace?.(given.namespace);
    return {
        ...given,
        name: given.name ?? defaults.name,
        // What shows traces is for where there are any.
        consoles: given.consoles ?? defaults.consoles.filter((name) => name !== "jaeger" || tracing.enabled),
        routes: given.routes ?? defaults.routes,
        tracing: { ...tracing, backend: tracing.backend ?? defaults.tracing },
        gateways: { ...gateways, ingress: { ...gateways.ingress, ...(namespace === undefined ? {} : { namespace }) } },
    };
}

/**
 * What the next generation's control plane and operators are, in full. What is not given for it is as it is today, but for
 * what is one generation's alone: names and versions, Mixer, the egress gateway, the Service Mesh operator's package, and
 * operators that the next does not need.
 */
function completeNext(next: GivenNext, config: MeshConfig, data: unknown): NextConfig {
    const today = (...path: string[]) => valueAt(data, path);
    const plane = without(today("controlPlane"), [["name"], ["version"], ["mixer"], ["gateways", "egress"]]);
    const controlPlane = completeControlPlane(
        controlPlaneSchema.parse(merged(plane, next.controlPlane)),
        next.generation,
    );
    const dialect = dialects[next.generation] as Dialect;
    const needed = dialect.operators({ ...config, controlPlane }).map(({ key }) => String(key));
    const idle = Object.keys(config.operators).filter((key) => !needed.includes(key));
    const operators = without(today("operators"), [
        ["servicemesh", "channel"],
        ["servicemesh", "startingCSV"],
        ...idle.map((key) => [key]),
    ]);
    return { ...next, controlPlane, operators: operatorsSchema.parse(merged(operators, next.operators)) };
}

/** A deep copy without what stands at these paths. */
function without(value: unknown, paths: string[][]): unknown {
    const copy = structuredClone(value ?? {});
    for (const path of paths) {
        const parent = valueAt(copy, path.slice(0, -1));
        if (isObject(parent)) {
            delete parent[path.at(-1) as string];
        }
    }
    return copy;
}

function merged(base: unknown, over: DeepPartial<unknown> | undefined): unknown {
    if (!isObject(base) || !isObject(over)) {
        return over === undefined ? base : over;
    }
    const keys = [...new Set([...Object.keys(base), ...Object.keys(over)])];
    return Object.fromEntries(keys.map((key) => [key, merged(base[key], over[key])]));
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
