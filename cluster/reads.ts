import { type Kube, KindMissing, KubeError, type KubeObject, Unreachable } from "../kube";
import { groupOf, type Need } from "./need";

/**
 * A look that could not be finished. Its message is for a person: what is missing, and what to do. Nothing was touched.
 */
export class LookError extends Error {
    constructor(message: string) {
        super(message);
        this.name = "LookError";
        this.stack = this.message;
    }
}

/** One read of a look: of one object by name, or of all that there are. */
export interface Read {
    apiVersion: string;
    kind: string;
    /** The plural, as a role names it. */
    resource: string;
    namespace?: string;
    name?: string;
    labelSelector?: string;
    fieldSelector?: string;
    /** Helpful but not needed: whatever goes wrong, the answer is "unknown". */
    optional?: boolean;
}

/** The rights to reads. A list that asks for one name needs no more than that name. */
export function needsOfReads(reads: Read[], why: string): Need[] {
    return reads.map(({ apiVersion, resource, namespace, name, fieldSelector }): Need => {
        const asked = name ?? /^metadata\.name=([^,]+)$/.exec(fieldSelector ?? "")?.[1];
        return {
            group: groupOf(apiVersion),
            resource,
            verbs: [name === undefined ? "list" : "get"],
            ...(namespace === undefined ? {} : { namespace }),
            ...(asked === undefined ? {} : { name: asked }),
            why,
        };
    });
}

/** What a read found; undefined when it is optional and could not be read. A kind that is not served has no objects. */
export type Found = KubeObject[] | undefined;

/**
 * All reads at once. Errors: LookError that names every right that is missing, not only the first one; the address when
 * there is no answer; the API server's words for anything else.
 */
export async function readAll<K extends string>(
    kube: Kube,
    reads: Record<K, Read[]>,
): Promise<Record<K, KubeObject[]>> {
    const names = Object.keys(reads) as K[];
    const all = names.flatMap((name) => reads[name].map((read) => ({ name, read })));
    const answers = await Promise.allSettled(all.map(({ read }) => readOne(kube, read)));
    const found = Object.fromEntries(names.map((n) => [n, [] as KubeObject[]])) as Record<K, KubeObject[]>;
    const forbidden: { read: Read; said: string }[] = [];
    let other: Error | undefined;
    answers.forEach((answer, i) => {
        const { name, read } = all[i];
        if (answer.status === "fulfilled") {
            found[name].push(...(answer.value ?? []));
        } else if (answer.reason instanceof KubeError && answer.reason.status === 403) {
            forbidden.push({ read, said: answer.reason.message });
        } else {
            other ??= answer.reason as Error;
        }
    });
    if (forbidden.length) {
        throw new LookError(missingRights(forbidden));
    }
    if (other) {
        throw explain(kube.server, other);
    }
    return found;
}

/** undefined when the read is optional and failed. */
async function readOne(kube: Kube, read: Read): Promise<Found> {
    const { apiVersion, kind, namespace, name, labelSelector, fieldSelector, optional } = read;
    try {
        if (name !== undefined) {
            const one = await kube.get({ apiVersion, kind, namespace, name });
            return one ? [one] : [];
        }
        return await kube.list({ apiVersion, kind }, { namespace, labelSelector, fieldSelector });
    } catch (error) {
        if (error instanceof KindMissing) {
            return [];
        }
        if (optional) {
            return undefined;
        }
        throw error;
    }
}

/** One line for what goes wrong before anything can be read. */
export function explain(server: string, error: Error): LookError {
    if (error instanceof LookError) {
        return error;
    }
    if (error instanceof Unreachable) {
        return new LookError(
            `${error.message}; nothing was touched\n` +
                "  Is this the right cluster? oc whoami --show-server; another one: KUBECONFIG, or kubernetes:context",
        );
    }
    if (error instanceof KubeError && error.status === 401) {
        return new LookError(
            `${server} does not know who is asking (${error.message}); nothing was touched\n  Log in again: oc login`,
        );
    }
    if (error instanceof KubeError && error.status === 403) {
        return new LookError(`${server} refuses to say what it serves: ${error.message}; nothing was touched`);
    }
    return new LookError(`${server}: ${error.message}; nothing was touched`);
}

function missingRights(forbidden: { read: Read; said: string }[]): string {
    const user = /User "([^"]+)"/.exec(forbidden[0].said)?.[1];
    const lines = forbidden.map(({ read }) => ({
        verb: read.name === undefined ? "list" : "get",
        what: `${read.resource}${read.apiVersion.includes("/") ? `.${read.apiVersion.split("/")[0]}` : ""}`,
        where: read.namespace ? `in namespace ${read.namespace}` : "in the whole cluster",
    }));
    const width = Math.max(...lines.map((l) => l.what.length));
    const unique = [...new Set(lines.map((l) => `  ${l.verb.padEnd(4)}  ${l.what.padEnd(width)}  ${l.where}`))];
    return [
        `${user ?? "this account"} may not read what this stack must know; nothing was touched`,
        ...unique,
        "  Ask a cluster administrator for these rights (npm run roles), or use an account that has them (oc whoami)",
    ].join("\n");
}
