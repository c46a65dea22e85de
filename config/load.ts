/**
 * From what Pulumi hands over to a configuration that has been checked, or to one error that says everything that is
 * wrong.
 */
import { checkConfig } from "./checks";
import { complete } from "./defaults";
import { hostsOf, strayHosts } from "./hosts";
import { locate, valueAt } from "./issues";
import type { Platform } from "./platform";
import { ConfigError, keyOf, type Problem } from "./problems";
import { mayNotBeSecret, misplacedSecret, readRaw } from "./raw";
import { type MeshConfig, schema } from "./schema";

export interface LoadOptions {
    /** The name of the stack file, for the message. */
    file?: string;
    /** The keys in which Pulumi has decrypted something. */
    encrypted?: readonly string[];
    /** Of a workloads stack: what its platform tells. */
    platform?: Platform;
    /** The domain of the cluster's router, if it is known: hosts elsewhere are then told with everything else. */
    clusterDomain?: string;
}

/**
 * Reads and checks the configuration of a stack.
 * @param raw keys as Pulumi hands them: "mesh:x" -> text, JSON for objects; values marked secret arrive decrypted
 * @throws ConfigError, and nothing else, with every problem at once
 */
export function loadConfig(raw: Readonly<Record<string, string>>, options: LoadOptions = {}): MeshConfig {
    const { data, problems, unreadable } = readRaw(raw);
    problems.push(...(options.encrypted ?? []).filter(mayNotBeSecret).map(misplacedSecret));
    const parsed = schema.safeParse(data);
    if (parsed.success && problems.length === 0) {
        const config = complete(parsed.data, data, options.platform);
        const found = checkAll(config, data, options);
        if (found.length > 0) {
            throw new ConfigError(found, options.file);
        }
        return config;
    }
    if (!parsed.success) {
        const located = locate(parsed.error.issues, data).map(({ problem }) => problem);
        const said = new Set([...problems.map(({ key }) => key), ...unreadable.map((name) => keyOf([name]))]);
        problems.push(...located.filter(({ key }) => !said.has(key)));
    }
    problems.push(...checkTheRest(data, problems, options));
    throw new ConfigError(inOrder(problems), options.file);
}

function checkAll(config: MeshConfig, data: unknown, { clusterDomain }: LoadOptions): Problem[] {
    const stray =
        clusterDomain === undefined || config.appsDomain !== undefined
            ? []
            : strayHosts(hostsOf(config, clusterDomain), clusterDomain, "this cluster's domain");
    return [...checkConfig(config, data), ...stray];
}

/** What stands in for a required key that is wrong, so that the others are still checked. */
const STAND_IN: Record<string, unknown> = {
    generation: "1.1",
    controlPlane: { name: "unreadable", namespace: "unreadable" },
    namespaces: {},
};

/**
 * Cross-checks what is left when everything that is wrong in itself has been taken out. What a check says about a key
 * at, above or below something that was taken out is dropped: it may only be wrong because of that.
 */
function checkTheRest(data: Record<string, unknown>, known: readonly Problem[], options: LoadOptions): Problem[] {
    const rest = structuredClone(data);
    const removed = new Set<string>(known.map(({ key }) => key));
    // Each round takes something out, so this ends; a broken value of several broken parts takes a few rounds.
    for (let round = 0; round < 50; round++) {
        const parsed = schema.safeParse(rest);
        if (parsed.success) {
            return checkAll(complete(parsed.data, rest, options.platform), data, options).filter(
                ({ key }) => ![...removed].some((other) => related(key, other)),
            );
        }
        for (const { path } of locate(parsed.error.issues, rest)) {
            removed.add(keyOf(takeOut(rest, path)));
        }
    }
    return [];
}

/** Takes out the value at a path, or the nearest thing around it that can go; returns the path of what went. */
function takeOut(data: Record<string, unknown>, path: readonly PropertyKey[]): readonly PropertyKey[] {
    const [top] = path as [string];
    const parent = valueAt(data, path.slice(0, -1));
    const last = path.at(-1) as PropertyKey;
    if (path.length > 1 && isObject(parent) && Object.hasOwn(parent, last)) {
        delete parent[last as string];
        return path;
    }
    if (path.length > 1) {
        return takeOut(data, path.slice(0, -1));
    }
    delete data[top];
    if (Object.hasOwn(STAND_IN, top)) {
        data[top] = structuredClone(STAND_IN[top]);
    }
    return path;
}

function isObject(value: unknown): value is Record<string, unknown> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

function related(a: string, b: string): boolean {
    const within = (inner: string, outer: string) =>
        inner.startsWith(outer) && (inner.length === outer.length || /[.[]/.test(inner.charAt(outer.length)));
    return within(a, b) || within(b, a);
}

/** Problems of one part of the configuration stand together. */
function inOrder(problems: readonly Problem[]): Problem[] {
    const tops = Object.keys(schema.shape).map((name) => keyOf([name]));
    const rank = ({ key }: Problem) => {
        const place = tops.findIndex((top) => related(key, top));
        return place < 0 ? tops.length : place;
    };
    return [...problems].sort((a, b) => rank(a) - rank(b));
}
